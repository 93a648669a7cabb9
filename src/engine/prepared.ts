import { createHash } from 'node:crypto'

// Prepared statements occupy memory of each connection, in PostgreSQL and here, while it lives. So only hot and short
// statements are prepared, up to a total size.
const hotAfter = 2
const longest = 16_000
const budget = 500_000
const maxCounted = 20_000
const prepared = new Set<string>()
/** By digest: texts that were run once are many. */
const counted = new Map<string, number>()
const period = { length: Number.POSITIVE_INFINITY, ends: 0, left: 0 }
/** The budget is for one lifetime of a connection, in milliseconds. Begins a new one. */
export function setConnectionLifetime(milliseconds: number): void {
  Object.assign(period, { length: milliseconds, ends: 0 })
}
/** Whether to prepare a text, asked at each run. */
export function heatOf(text: string): () => boolean {
  const key = keyOf(text)
  return () => text.length <= longest && (prepared.has(text) || heats(key, text))
}
/** The same for a text that is built anew for each run. */
export const isHot = (text: string): boolean =>
  text.length <= longest && (prepared.has(text) || heats(keyOf(text), text))
const keyOf = (text: string) => createHash('sha1').update(text).digest('base64')
function heats(key: string, text: string): boolean {
  if (Date.now() > period.ends) {
    Object.assign(period, { ends: Date.now() + period.length, left: budget })
    prepared.clear()
  }
  const runs = (counted.get(key) ?? 0) + 1
  if (runs <= hotAfter || text.length > period.left) {
    if (counted.size >= maxCounted) counted.clear()
    counted.set(key, runs)
    return false
  }
  counted.delete(key)
  prepared.add(text)
  period.left -= text.length
  return true
}
