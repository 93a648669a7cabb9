import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Api } from '../faults/driver/clients.js'

export interface Doing {
  /** Empty unless it has failed. */
  faults: string[]
  /** Resolves with the number of rounds. */
  stop(): Promise<number>
}

/** Repeats until it is stopped. A round that throws ends it, unless the server was away. `pause` in milliseconds. */
export function keepDoing(what: string, api: Api, pause: number, round: () => Promise<void>): Doing {
  const faults: string[] = []
  let stopping = false
  let rounds = 0
  const running = (async () => {
    while (!stopping && faults.length === 0) {
      const before = api.passing.length
      try {
        await round()
        rounds++
      } catch (error) {
        if (before + api.passing.length === 0) faults.push(`${what}: ${(error as Error).message}`)
      }
      await sleep(Math.random() * pause)
    }
  })()
  const stop = async () => {
    stopping = true
    await running
    if (rounds === 0 && faults.length === 0) faults.push(`${what}: no round has succeeded`)
    return rounds
  }
  return { faults, stop }
}

/** The data of an answer without errors. */
export function dataOf({ data, errors, broken }: Answer) {
  if (broken !== undefined || errors) throw new Error(broken ?? JSON.stringify(errors))
  return data
}
