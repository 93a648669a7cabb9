/** True in `npm run test:long`, which runs every permutation and the full counts. `npm test` runs a sample. */
export const long = process.env.TEST_LONG === '1'
