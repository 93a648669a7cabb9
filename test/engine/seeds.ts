import { long } from '../support/long.js'

const first = Number(process.env.DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 1e9))
const runs = Number(process.env.DIFFERENTIAL_RUNS ?? (long ? 2000 : 12))
/** Milliseconds that they may take on a busy machine. */
export const patience = 60_000 + runs * 1000

/** Tries seeds, a few at once. What fails says how to try it again, and it alone. */
export async function seedsOf(differenceOf: (seed: number) => Promise<string | undefined>) {
  const last = first + runs
  const failed: string[] = []
  let next = first
  const work = async () => {
    while (next < last && failed.length < 3) {
      const seed = next++
      const difference = await differenceOf(seed)
      if (difference) failed.push(`DIFFERENTIAL_SEED=${seed} DIFFERENTIAL_RUNS=1\n${difference}`)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  return { failed, ran: next - first }
}
