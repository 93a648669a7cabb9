import { createHash } from 'node:crypto'
import { canonical } from '../../events/canonical.js'
import type { accesses } from './access.table.js'

type Access = typeof accesses.$inferSelect
/** All that the digest is over; its place comes later. */
export type Digested = Omit<Access, 'position' | 'digest'>

/**
 * A row as one text, but for its release. What is null is left out, so that a column which comes later changes the digest of
 * no row that was there before.
 */
export const textOf = (access: Omit<Digested, 'salt' | 'releaseAt'>): string =>
  canonical(Object.fromEntries(Object.entries(access).filter(([, value]) => value !== null)))

/** As `logAccesses` has it made in SQL, where the release is known first. */
export const digestOf = ({ salt, releaseAt, ...access }: Digested): Buffer =>
  createHash('sha256')
    .update(salt)
    .update(`${textOf(access)}@${releaseAt.getTime()}`)
    .digest()
