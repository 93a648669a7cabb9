import type { UserError } from '../../engine/userError.js'
import type { KeyFault } from './program.keys.js'

export const maxPrograms = 20
export const longestName = 100
export const maxNetworks = 20
export const maxMonths = 24
export const maxKeys = 5
/** In seconds: a week, so that a rotation needs no night shift. */
export const longestOverlap = 604_800

export const noName: UserError = {
  code: 'MISSING',
  reason: 'program.name',
  field: ['name'],
  params: { most: longestName },
}
export const wrongName: UserError = {
  code: 'INVALID',
  reason: 'program.name',
  field: ['name'],
  params: { most: longestName },
}
export const noScopes: UserError = {
  code: 'MISSING',
  reason: 'program.scopes',
  field: ['scopes'],
}
export const wrongScope = (at: number, allowed: readonly string[]): UserError => ({
  code: 'INVALID',
  reason: 'program.scope',
  field: ['scopes', String(at)],
  params: { allowed: [...allowed] },
})
export const wrongOwner: UserError = {
  code: 'INVALID',
  reason: 'program.owner',
  field: ['partyId'],
}
export const networksCount: UserError = {
  code: 'INVALID',
  reason: 'program.networks_count',
  field: ['networks'],
  params: { most: maxNetworks },
}
export const wrongNetwork = (network: string, at: number): UserError => ({
  code: 'INVALID',
  reason: 'program.network',
  field: ['networks', String(at)],

  params: { network: network.slice(0, 60) },
})
export const expiresInThePast: UserError = {
  code: 'INVALID',
  reason: 'program.expires_in_the_past',
  field: ['expiresOn'],
}
export const expiresTooLate: UserError = {
  code: 'INVALID',
  reason: 'program.expires_too_late',
  field: ['expiresOn'],
  params: { months: maxMonths },
}
export const keysCount: UserError = {
  code: 'INVALID',
  reason: 'program.keys_count',
  field: ['publicKeys', 'keys'],
  params: { most: maxKeys },
}
const keyReasons: Record<KeyFault | 'repeated', string> = {
  private: 'program.key_private',
  kid: 'program.key_kid',
  repeated: 'program.key_repeated',
  kind: 'program.key_kind',
  weak: 'program.key_weak',
  unreadable: 'program.key_unreadable',
}
export const keyFault = (fault: KeyFault | 'repeated', at: number): UserError => ({
  code: 'INVALID',
  reason: keyReasons[fault],
  field: ['publicKeys', 'keys', String(at)],
})
export const tooMany: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'program.too_many',
  params: { most: maxPrograms },
}
export const overlapTooLong: UserError = {
  code: 'INVALID',
  reason: 'program.keep_old_for',
  field: ['keepOldFor'],
  params: { most: longestOverlap },
}
const notNow = (reason: string): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason,
  field: ['programId'],
})
export const revoked = notNow('program.revoked')
export const expired = notNow('program.expired')
export const hasKeys = notNow('program.has_keys')
