import { createHash } from 'node:crypto'
import { canonical } from '../../events/canonical.js'
import type { accesses } from './access.table.js'

type Access = typeof accesses.$inferSelect
/** What the digest covers. The position is set later. */
export type Digested = Omit<Access, 'position' | 'digest'>

/**
 * A row as text, without its release. Null columns are omitted, so that a column added later changes no existing digest.
 */
export const textOf = (access: Omit<Digested, 'salt' | 'releaseAt'>): string =>
  canonical(Object.fromEntries(Object.entries(access).filter(([, value]) => value !== null)))

/** The same digest that `logAccesses` computes in SQL, where the release is first known. */
export const digestOf = ({ salt, releaseAt, ...access }: Digested): Buffer =>
  createHash('sha256')
    .update(salt)
    .update(`${textOf(access)}@${releaseAt.getTime()}`)
    .digest()
