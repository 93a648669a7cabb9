const isBrief = process.argv.includes('--brief')

/** What a bench usually measures with, and what `--brief` does, which only sees that it works. */
export const usually = (usual, brief) => (isBrief ? brief : usual)

/** The same for a number, which a variable of the environment may set. */
export const numberIn = (name, usual, brief) => Number(process.env[name] ?? usually(usual, brief))

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
