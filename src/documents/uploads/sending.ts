import type { Readable } from 'node:stream'
import { tooManyAtOnce, tooSlow } from './file.refusals.js'

/** Limits in milliseconds, between two chunks and in total. */
const patience = { piece: 30_000, whole: 600_000 }
/** The request timeout of the server, longer than the limits above. */
export const longestSending = patience.whole + 60_000

/** The bytes of a request, as long as they keep coming. A consumer that stops reading can still respond. */
export async function* bytesOf(body: Readable): AsyncGenerator<Buffer> {
  const pieces = body.iterator({ destroyOnReturn: false })
  const end = Date.now() + patience.whole
  for (;;) {
    // Not while a chunk is being written, which is not the client's fault.
    const { done, value } = await within(Math.min(patience.piece, end - Date.now()), pieces.next())
    if (done) return
    yield value
  }
}

async function within<T>(milliseconds: number, coming: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow()), milliseconds)
  })
  try {
    return await Promise.race([coming, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Concurrent uploads in a process: in total, and of one party. */
const maxAtOnce = { ofAll: 50, ofOne: 4 }

/** Limits concurrent uploads, so that slow clients do not block others. */
export function seats() {
  const taken = new Map<string, number>()
  let all = 0
  return async <T>(party: string, act: () => Promise<T>): Promise<T> => {
    const own = taken.get(party) ?? 0
    if (all >= maxAtOnce.ofAll || own >= maxAtOnce.ofOne) throw tooManyAtOnce()
    all++
    taken.set(party, own + 1)
    try {
      return await act()
    } finally {
      all--
      const left = (taken.get(party) ?? 1) - 1
      if (left > 0) taken.set(party, left)
      else taken.delete(party)
    }
  }
}
