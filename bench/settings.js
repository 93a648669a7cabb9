const isBrief = process.argv.includes('--brief')

/** A bench's usual value, and that of `--brief`. */
export const usually = (usual, brief) => (isBrief ? brief : usual)

/** The same for a number that an environment variable may set. */
export const numberIn = (name, usual, brief) => Number(process.env[name] ?? usually(usual, brief))

/** A list that an environment variable may set, with commas between the items. */
export const listIn = (name, otherwise) => process.env[name]?.split(',').map((item) => item.trim()) ?? otherwise

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
