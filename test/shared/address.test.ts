import { expect, it } from 'vitest'
import { addressOf } from '../../src/shared/address.js'

it.each([
  ['IPv4 by itself', '192.0.2.7', '192.0.2.7'],
  ['IPv4 as a socket for both shows it', '::ffff:192.0.2.7', '192.0.2.7'],
  ['IPv6 by its network', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['however it is written', '2001:0DB8:0001:0002::6', '2001:db8:1:2::/64'],
  ['with zeros left out before its end', '2001:db8::5:6', '2001:db8:0:0::/64'],
  ['with zeros left out within its network', '2001::2:3:4:5:6', '2001:0:0:2::/64'],
  ['with an IPv4 at its end', '64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['with an IPv4 at its end, and little left out', '64:ff9b:1:2:3::192.0.2.7', '64:ff9b:1:2::/64'],
  ['with nothing but zeros', '::', '0:0:0:0::/64'],
  ['of this machine', '::1', '0:0:0:0::/64'],
  ['with the name of a link', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['that is none, by what it came through', 'x'.repeat(300), '192.0.2.1'],
  ['with a port, by what it came through', '192.0.2.7:4711', '192.0.2.1'],
  ['of digits that are not ASCII, by what it came through', '１９２.0.2.7', '192.0.2.1'],
])('an address is known %s', (_how, claimed, known) => expect(addressOf(claimed, '192.0.2.1')).toBe(known))

it('two networks are two, however near', () =>
  expect(addressOf('2001:db8:1:2::1')).not.toBe(addressOf('2001:db8:1:3::1')))
