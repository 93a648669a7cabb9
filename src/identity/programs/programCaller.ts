import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Database } from '../../platform/database.js'
import { Assurance } from '../../shared/assurance.table.js'
import { anonymous, type Caller, withoutMandates } from '../../shared/context.js'
import { holdsMandates } from '../mandates/powers.js'
import { digestOf } from './secret.js'

export type ProgramFault = 'program.unknown_token' | 'program.revoked' | 'program.wrong_network'

interface Known {
  id: string
  name: string
  party: string | null
  agencyId: string | null
  /** Code of its agency. */
  agency: string | null
  scopes: string[]
  networks: string[] | null
  isOver: boolean
  /** Of its organisation. */
  holdsMandates: boolean
}

/** True for a program that is revoked or expired, or whose organisation was forgotten: as text of SQL. */
export const endedBy = (at: string) => `(
  programs.revoked_at is not null or programs.expires_at <= ${at}
  or exists(select from parties where parties.id = programs.party_id and forgotten_at is not null))`

/** One text for all programs, so that a connection prepares it once: then it takes one round trip. */
const lookUp = `
  select programs.id, programs.name, party_id as party, agency_id as "agencyId", agencies.code as agency, networks,
    ${endedBy('$2::timestamptz')} as "isOver",
    ${holdsMandates('programs.party_id')} as "holdsMandates",
    array(select unnest(scopes) intersect select unnest(string_to_array(payload->>'scope', ' '))) as scopes
  from oauth_payloads join programs on programs.id = (payload->>'clientId')::uuid
  left join agencies on agencies.id = agency_id
  where model = 'ClientCredentials' and id_hash = $1 and oauth_payloads.expires_at > $3::timestamptz`

/** The caller of a token. Revoking a program invalidates all its tokens at once. */
export async function programOf(
  { database, now }: { database: Database; now: () => Date },
  token: string,
  address: string,
): Promise<Caller | ProgramFault> {
  const values = [digestOf(token), now().toISOString(), new Date().toISOString()]
  const [known] = await database.client.unsafe<Known[]>(lookUp, values, { prepare: true })
  if (!known) return 'program.unknown_token'
  const { id, name, party, agencyId, agency, networks, isOver } = known
  if (isOver) return 'program.revoked'
  if (networks && !isWithin(networks, address)) return 'program.wrong_network'
  const program = { id, name, scopes: new Set(known.scopes) }
  if (agencyId && agency)
    return {
      ...anonymous,
      kind: 'AGENCY_PROGRAM',
      id: `agency_program:${id}`,
      party: undefined,
      assurance: Assurance.SUBSTANTIAL,
      offices: [{ agencyId, agency, roles: [] }],
      program,
    }
  if (!party) throw new Error(`a program must have an owner; ${id} has none`)
  return {
    ...anonymous,
    kind: 'PROGRAM',
    id: `program:${id}`,
    party,
    assurance: Assurance.SUBSTANTIAL,
    program,
    variant: known.holdsMandates ? undefined : withoutMandates,
  }
}

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
