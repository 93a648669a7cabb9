/** True in `npm run test:long`, which runs every permutation and the full counts. `npm test` runs a sample. */
export const long = process.env.TEST_LONG === '1'

/** One of so many in `npm test`, all in `npm run test:long`. */
export const sampled = <T>(all: readonly T[], one: number): T[] =>
  long ? [...all] : all.filter((_, at) => at % one === 0)
