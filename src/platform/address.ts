import { isIP, isIPv4, isIPv6 } from 'node:net'

/**
 * What limits know an address by. Of IPv6 the network of 64 bits: whoever has one address has all of it. What is no
 * address, as a proxy may pass on, counts as the one that it came through.
 */
export function addressOf(claimed: string, through = ''): string {
  const address = isIP(claimed) ? claimed : through
  const mapped = address.replace(/^::ffff:/i, '') // IPv4, as a socket that takes both shows it
  if (isIPv4(mapped)) return mapped
  if (!isIP(address)) return address
  const [head = '', tail] = address.replace(/%.*/, '').split('::')
  const groups = head.split(':').filter(Boolean)
  // Where `::` stands, all that is left out is 0; of what follows it only the last 64 bits may hold something.
  const missing = tail === undefined ? 0 : 8 - groups.length - lengthOf(tail)
  const all = [...groups, ...Array(missing).fill('0'), ...(tail ?? '').split(':').filter(Boolean)]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** An IPv4 at the end stands for two groups. */
const lengthOf = (groups: string) => groups.split(':').filter(Boolean).length + (groups.includes('.') ? 1 : 0)

/** An address, or a network as 10.0.0.0/8; never all there is. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  const isLength = (text: string) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= most
  return most > 0 && more.length === 0 && (bits === undefined || isLength(bits))
}

/** An address of this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
