import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, ask } from '../faults/driver/clients.js'

/** Milliseconds between looks at the clock. */
const pause = 100
/** Milliseconds: a look that comes later shows that the machine has no time for its processes. */
const latest = 500
/** Milliseconds before and after such a moment in which other processes may have stood still. */
const around = 20_000

/**
 * Times in which a request may fail: while the server is restarted, and while the machine is too busy to run it. A
 * request may then be late or refused for a moment; nothing may be lost.
 */
export function excusesFor(api: Api) {
  const times: { from: number; to: number }[] = []
  let isAway = false
  let starvedUntil = 0
  const apply = () => {
    api.passing = isAway || Date.now() < starvedUntil ? ['SERVICE_UNAVAILABLE', 'UNAUTHENTICATED', 'TIMEOUT'] : []
  }
  let last = Date.now()
  let starved = 0
  setInterval(() => {
    const late = Date.now() - last - pause
    last = Date.now()
    if (late > latest) {
      starved++
      starvedUntil = last + around
      times.push({ from: last - late - around, to: starvedUntil })
    }
    apply()
  }, pause).unref()

  /** Until people can sign in again. */
  async function whileAway(act: () => Promise<void>): Promise<void> {
    const from = Date.now()
    isAway = true
    apply()
    await act()
    for (const late = from + 300_000; ; await sleep(pause)) {
      const { errors, broken } = await ask(api, '{ viewer { kind } }', {}, 'citizen')
      if (!errors && broken === undefined) break
      if (Date.now() > late) throw new Error(`people must be able to sign in; ${broken ?? JSON.stringify(errors)}`)
    }
    isAway = false
    apply()
    times.push({ from, to: Date.now() })
  }
  return {
    whileAway,
    isExcused: (time: number) => times.some(({ from, to }) => from <= time && time <= to),
    starved: () => starved,
  }
}
export type Excuses = ReturnType<typeof excusesFor>
