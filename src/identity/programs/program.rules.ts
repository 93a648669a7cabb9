import type { UserError } from '../../engine/userError.js'
import { isNetwork } from '../../platform/address.js'
import { daysAfter, momentOf, monthsAfter } from '../../shared/time.js'
import {
  expired,
  expiresInThePast,
  expiresTooLate,
  hasKeys,
  keyFault,
  keysCount,
  longestName,
  longestOverlap,
  maxKeys,
  maxMonths,
  maxNetworks,
  maxPrograms,
  networksCount,
  noName,
  noScopes,
  overlapTooLong,
  revoked,
  tooMany,
  wrongName,
  wrongNetwork,
  wrongScope,
} from './program.errors.js'
import { type PublicKey, readPublicKey } from './program.keys.js'

export interface Registering {
  name: string
  scopes: readonly string[]
  /** The scopes that its kind of owner may give. */
  allowed: readonly string[]
  networks?: readonly string[] | null
  expiresOn: string
  publicKeys?: Record<string, unknown> | null
}

/** All errors of a registration. `active` is the number of the owner's programs in force. */
export const userErrorsInRegistration = (given: Registering, today: string, active: number): UserError[] => [
  ...nameFaults(given.name),
  ...(given.scopes.length === 0 ? [noScopes] : []),
  ...given.scopes.flatMap((scope, at) => (given.allowed.includes(scope) ? [] : [wrongScope(at, given.allowed)])),
  ...networkFaults(given.networks ?? undefined),
  ...expiryFaults(given.expiresOn, today),
  ...(given.publicKeys ? keySetFaults(given.publicKeys) : []),
  ...(active >= maxPrograms ? [tooMany] : []),
]

/** The day after, so that the last day is included. */
export const endOf = (expiresOn: string): Date => momentOf(daysAfter(expiresOn, 1), '00:00:00')

/** Requires a key set without faults. */
export const keysIn = (set: Record<string, unknown>): PublicKey[] =>
  listIn(set).flatMap((given) => {
    const read = readPublicKey(given)
    return 'key' in read ? [read.key] : []
  })
const listIn = ({ keys }: Record<string, unknown>): unknown[] => (Array.isArray(keys) ? keys : [])

export const userErrorsInKeeping = (seconds: number): UserError[] =>
  seconds >= 0 && seconds <= longestOverlap ? [] : [overlapTooLong]

interface ProgramCredentials {
  revokedAt: Date | null
  expiresAt: Date
  jwks: object | null
}
export const userErrorsInRotation = (program: ProgramCredentials, now: Date): UserError[] =>
  program.revokedAt ? [revoked] : program.expiresAt <= now ? [expired] : program.jwks ? [hasKeys] : []

function nameFaults(name: string): UserError[] {
  if (name.trim() === '') return [noName]
  // Invisible characters could imitate another name.
  return name.length > longestName || /\p{C}/u.test(name) ? [wrongName] : []
}

function networkFaults(networks: readonly string[] | undefined): UserError[] {
  if (!networks) return []
  if (networks.length === 0 || networks.length > maxNetworks) return [networksCount]
  return networks.flatMap((network, at) => (isNetwork(network) ? [] : [wrongNetwork(network, at)]))
}

function expiryFaults(expiresOn: string, today: string): UserError[] {
  if (expiresOn < today) return [expiresInThePast]
  return expiresOn > monthsAfter(today, maxMonths) ? [expiresTooLate] : []
}

function keySetFaults(set: Record<string, unknown>): UserError[] {
  const given = listIn(set)
  if (given.length === 0 || given.length > maxKeys) return [keysCount]
  const read = given.map(readPublicKey)
  const kids = read.map((one) => ('key' in one ? one.key.kid : undefined))
  return read.flatMap((one, at) => {
    if ('fault' in one) return [keyFault(one.fault, at)]
    return kids.indexOf(one.key.kid) < at ? [keyFault('repeated', at)] : []
  })
}
