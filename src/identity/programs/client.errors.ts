import type { UserError } from '../../engine/userError.js'
import type { KeyFault } from './client.keys.js'

export const mostClients = 20
export const longestName = 100
export const mostNetworks = 20
export const mostMonths = 24
export const mostKeys = 5
/** Seconds: a week, so that nobody need be called in for a rotation. */
export const longestOverlap = 604_800

export const noName: UserError = {
  code: 'MISSING',
  reason: 'client.name',
  field: ['name'],
  params: { most: longestName },
}
export const wrongName: UserError = {
  code: 'INVALID',
  reason: 'client.name',
  field: ['name'],
  params: { most: longestName },
}
export const noScopes: UserError = {
  code: 'MISSING',
  reason: 'client.scopes',
  field: ['scopes'],
}
export const networksCount: UserError = {
  code: 'INVALID',
  reason: 'client.networks_count',
  field: ['networks'],
  params: { most: mostNetworks },
}
export const wrongNetwork = (network: string, at: number): UserError => ({
  code: 'INVALID',
  reason: 'client.network',
  field: ['networks', String(at)],

  params: { network: network.slice(0, 60) },
})
export const expiresInThePast: UserError = {
  code: 'INVALID',
  reason: 'client.expires_in_the_past',
  field: ['expiresOn'],
}
export const expiresTooLate: UserError = {
  code: 'INVALID',
  reason: 'client.expires_too_late',
  field: ['expiresOn'],
  params: { months: mostMonths },
}
export const keysCount: UserError = {
  code: 'INVALID',
  reason: 'client.keys_count',
  field: ['publicKeys', 'keys'],
  params: { most: mostKeys },
}
const keyReasons: Record<KeyFault | 'repeated', string> = {
  private: 'client.key_private',
  kid: 'client.key_kid',
  repeated: 'client.key_repeated',
  kind: 'client.key_kind',
  weak: 'client.key_weak',
  unreadable: 'client.key_unreadable',
}
export const keyFault = (fault: KeyFault | 'repeated', at: number): UserError => ({
  code: 'INVALID',
  reason: keyReasons[fault],
  field: ['publicKeys', 'keys', String(at)],
})
export const tooMany: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'client.too_many',
  params: { most: mostClients },
}
export const overlapTooLong: UserError = {
  code: 'INVALID',
  reason: 'client.keep_old_for',
  field: ['keepOldFor'],
  params: { most: longestOverlap },
}
const notNow = (reason: string): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason,
  field: ['client'],
})
export const revoked = notNow('client.revoked')
export const expired = notNow('client.expired')
export const hasKeys = notNow('client.has_keys')
