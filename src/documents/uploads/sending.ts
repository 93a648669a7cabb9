import type { Readable } from 'node:stream'
import { tooManyAtOnce, tooSlow } from './file.refusals.js'

/** Milliseconds: from one piece to the next, and for the whole. */
const patience = { piece: 30_000, whole: 600_000 }
/** A server must hear a sender out for longer than that. */
export const longestSending = patience.whole + 60_000

/** The bytes of a request, for as long as they keep coming. Whoever stops reading them can answer still. */
export async function* bytesOf(body: Readable): AsyncGenerator<Buffer> {
  const pieces = body.iterator({ destroyOnReturn: false })
  const end = Date.now() + patience.whole
  for (;;) {
    // Not while what came is being written, which is no fault of the sender's.
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

/** Files at once in one process: of all, and of one party. */
const mostAtOnce = { ofAll: 50, ofOne: 4 }

/** So that nobody who sends slowly keeps the others from sending. */
export function seats() {
  const taken = new Map<string, number>()
  let all = 0
  return async <T>(party: string, act: () => Promise<T>): Promise<T> => {
    const own = taken.get(party) ?? 0
    if (all >= mostAtOnce.ofAll || own >= mostAtOnce.ofOne) throw tooManyAtOnce()
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
