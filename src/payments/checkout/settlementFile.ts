/** A longer line is no entry. */
const longestLine = 10_000
/** Lines that are handed over at once. */
const atOnce = 500

/** The lines of a file, some at a time. Never has more than those in memory. Throws for a line that is too long. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [lines, rest]: [string[], string] = [[], '']
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    if ([rest, ...parts].some(({ length }) => length > longestLine)) throw new Error('a line is too long')
    for (const part of parts) {
      if (part) lines.push(part)
      if (lines.length < atOnce) continue
      yield lines
      lines = []
    }
  }
  if (rest) lines.push(rest)
  if (lines.length > 0) yield lines
}
