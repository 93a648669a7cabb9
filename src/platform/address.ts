import { isIP, isIPv4, isIPv6 } from 'node:net'

/**
 * The address by which limits count. IPv6 counts by its /64 network, because one subscriber has all of it. Text that is
 * not an address, as a proxy may pass on, counts as the connection it came through.
 */
export function addressOf(claimed: string, through = ''): string {
  const address = isIP(claimed) ? claimed : through
  const mapped = address.replace(/^::ffff:/i, '') // an IPv4 address as a dual-stack socket shows it
  if (isIPv4(mapped)) return mapped
  if (!isIP(address)) return address
  const [head = '', tail] = address.replace(/%.*/, '').split('::')
  const groups = head.split(':').filter(Boolean)
  // `::` abbreviates zeros. Of the part after it, only the last 64 bits may be set.
  const missing = tail === undefined ? 0 : 8 - groups.length - lengthOf(tail)
  const all = [...groups, ...Array(missing).fill('0'), ...(tail ?? '').split(':').filter(Boolean)]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** An IPv4 address at the end counts as two groups. */
const lengthOf = (groups: string) => groups.split(':').filter(Boolean).length + (groups.includes('.') ? 1 : 0)

/** An address, or a network like 10.0.0.0/8; never /0. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  const isLength = (text: string) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= most
  return most > 0 && more.length === 0 && (bits === undefined || isLength(bits))
}

/** A loopback address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
