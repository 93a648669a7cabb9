/** True in `npm run test:long`, which runs every permutation and the full counts. The other suites run a sample. */
export const long = process.env.TEST_LONG === '1'

/** All in `npm run test:long`, one of so many in the other suites. */
export const sampled = <T>(all: readonly T[], one: number): T[] =>
  long ? [...all] : all.filter((_, at) => at % one === 0)

/**
 * In a short life, V8 spends more on optimising functions and on collecting young objects than it saves. A process takes a
 * tenth less processor time if it waits for functions that are truly hot (six times the usual) and has more room. Long runs
 * do not need this.
 */
export const forShortRuns = long
  ? []
  : ['--interrupt-budget=400000', '--min-semi-space-size=32', '--max-semi-space-size=64']
