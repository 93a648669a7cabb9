import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Sql } from 'postgres'
import type { Database } from '../../platform/database.js'
import { Assurance } from '../../shared/assurance.table.js'
import { anonymous, type Caller } from '../../shared/context.js'
import { digestOf } from './secret.js'

export type ProgramFault = 'program.unknown_token' | 'program.revoked' | 'program.wrong_network'

interface Known {
  id: string
  party: string
  scopes: string[]
  networks: string[] | null
  isOver: boolean
}

/** The caller of a token. Revoking a program invalidates all its tokens at once. */
export async function programOf(
  { database, now }: { database: Database; now: () => Date },
  token: string,
  address: string,
): Promise<Caller | ProgramFault> {
  const { client: db } = database
  const [known] = await db<Known[]>`
    select programs.id, party_id as party, networks, ${endedBy(db, now())} as "isOver",
      array(select unnest(scopes) intersect select unnest(string_to_array(payload->>'scope', ' '))) as scopes
    from oauth_payloads join programs on programs.id = (payload->>'clientId')::uuid
    where model = 'ClientCredentials' and id_hash = ${digestOf(token)} and oauth_payloads.expires_at > ${new Date().toISOString()}::timestamptz`
  if (!known) return 'program.unknown_token'
  const { id, party, scopes, networks, isOver } = known
  if (isOver) return 'program.revoked'
  if (networks && !isWithin(networks, address)) return 'program.wrong_network'
  return {
    ...anonymous,
    kind: 'PROGRAM',
    id: `program:${id}`,
    party,
    assurance: Assurance.SUBSTANTIAL,
    program: { id, scopes: new Set(scopes) },
  }
}

/** True for a program that is revoked or expired, or whose organisation was forgotten. */
export const endedBy = (db: Sql, now: Date) => db`(
  programs.revoked_at is not null or programs.expires_at <= ${now.toISOString()}::timestamptz
  or exists(select from parties where parties.id = programs.party_id and forgotten_at is not null))`

/** False for text that is not an address, which a proxy may pass on. */
export function isWithin(networks: readonly string[], address: string): boolean {
  if (!isIP(address)) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits] = network.split('/')
    const family = isIPv6(base) ? 'ipv6' : 'ipv4'
    list.addSubnet(base, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
