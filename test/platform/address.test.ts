import { describe, expect, it } from 'vitest'
import { addressOf } from '../../src/platform/address.js'

describe('addressOf', () => {
  it.each([
    ['an IPv4 address unchanged', '192.0.2.7', '192.0.2.7'],
    ['an IPv4 address in its IPv6 form as IPv4', '::ffff:192.0.2.7', '192.0.2.7'],
    ['an IPv6 address as its /64 network', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['an IPv6 address in upper case as its network', '2001:0DB8:0001:0002::6', '2001:db8:1:2::/64'],
    ['an IPv6 address with zeros left out before its end', '2001:db8::5:6', '2001:db8:0:0::/64'],
    ['an IPv6 address with zeros left out within its network', '2001::2:3:4:5:6', '2001:0:0:2::/64'],
    ['an IPv6 address with an IPv4 at its end', '64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['an IPv6 address with an IPv4 at its end and few zeros left out', '64:ff9b:1:2:3::192.0.2.7', '64:ff9b:1:2::/64'],
    ['the IPv6 address of zeros', '::', '0:0:0:0::/64'],
    ['the IPv6 address of this machine', '::1', '0:0:0:0::/64'],
    ['an IPv6 address with a zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['an invalid address as the peer address', 'x'.repeat(300), '192.0.2.1'],
    ['an address with a port as the peer address', '192.0.2.7:4711', '192.0.2.1'],
    ['an address of non-ASCII digits as the peer address', '１９２.0.2.7', '192.0.2.1'],
  ])('reads %s', (_how, claimed, known) => expect(addressOf(claimed, '192.0.2.1')).toBe(known))

  it('tells neighbouring networks apart', () =>
    expect(addressOf('2001:db8:1:2::1')).not.toBe(addressOf('2001:db8:1:3::1')))
})
