/** An input value as text, independent of the order of its keys. Equal values give equal texts. */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return `@${value.getTime()}`
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (isPlain(value)) {
    const given = Object.entries(value).filter(([, inner]) => inner !== undefined)
    return `{${given.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)}}`
  }
  throw new Error(`an input must be made of what has a canonical text; it holds a ${typeOf(value)}`)
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
const typeOf = (value: unknown) => (value as object | undefined)?.constructor?.name ?? typeof value
