import type { Adapter, AdapterPayload } from 'oidc-provider'
import { validate } from 'uuid'
import type { Database } from '../../platform/database.js'
import { errors } from '../../shared/oidcProvider.js'
import { endedBy, isWithin, type ProgramFault } from './programCaller.js'
import { digestOf } from './secret.js'

export interface StoreParts {
  database: Database
  now: () => Date
  /** The address of the current request. */
  addressOfProgram: () => string
}

/** The store of oidc-provider. In the database, because several processes share it. */
export const storeOf = (parts: StoreParts) => (model: string) =>
  model === 'Client' ? programsIn(parts) : payloadsIn(parts, model)

const never = async (): Promise<never> => {
  throw new Error('the token endpoint gives tokens and remembers assertions; it was asked for something else')
}
const unasked = { findByUid: never, findByUserCode: never, consume: never, revokeByGrantId: never }

/** Expired rows that each insert deletes: more than it adds, so that none remain. */
const takenOut = 10

/**
 * By SHA-256, and without the value itself (`jti`): who reads the table has no token. The clock is the machine's, as
 * that of oidc-provider is.
 */
function payloadsIn({ database: { client: db } }: StoreParts, model: string): Adapter {
  return {
    ...unasked,
    /** Never replaces a valid row, so that no assertion is used twice, even at the same time. */
    async upsert(id, { jti: _value, ...payload }, expiresIn = 0) {
      const at = new Date().toISOString()
      const expiresAt = new Date(Date.now() + expiresIn * 1000).toISOString()
      const [kept] = await db`
        insert into oauth_payloads (model, id_hash, payload, expires_at)
        values (${model}, ${digestOf(id)}, ${JSON.stringify(payload)}::text::jsonb, ${expiresAt}::timestamptz)
        on conflict (model, id_hash) do update set payload = excluded.payload, expires_at = excluded.expires_at
        where oauth_payloads.expires_at <= ${at}::timestamptz
        returning 1`
      if (!kept) throw new errors.InvalidClientAuth('program.used_assertion')
      await db`
        delete from oauth_payloads where (model, id_hash) in (
          select model, id_hash from oauth_payloads where expires_at <= ${at}::timestamptz
          order by expires_at limit ${takenOut} for update skip locked)`
    },
    async find(id) {
      const [found] = await db<{ payload: AdapterPayload }[]>`
        select payload from oauth_payloads
        where model = ${model} and id_hash = ${digestOf(id)} and expires_at > ${new Date().toISOString()}::timestamptz`
      return found && { ...found.payload, jti: id }
    },
    async destroy(id) {
      await db`delete from oauth_payloads where model = ${model} and id_hash = ${digestOf(id)}`
    },
  }
}

interface Known {
  scopes: string[]
  networks: string[] | null
  secretHash: string | null
  formerSecretHash: string | null
  jwks: { keys: object[] } | null
  isOver: boolean
}

const programAt = `
  select scopes, networks, jwks, secret_hash as "secretHash",
    case when former_secret_until > $2::timestamptz then former_secret_hash end as "formerSecretHash",
    ${endedBy('$2::timestamptz')} as "isOver"
  from programs where id = $1`

/** Registered programs. Ignores what a request claims about one. A revoked program counts as unknown. */
function programsIn({ database: { client: db }, now, addressOfProgram }: StoreParts): Adapter {
  return {
    ...unasked,
    upsert: never,
    destroy: never,
    async find(id) {
      // Only one spelling, because attempts are counted by it.
      if (!validate(id) || id !== id.toLowerCase()) return undefined
      const at = now().toISOString()
      const [known] = await db.unsafe<Known[]>(programAt, [id, at], { prepare: true })
      if (known?.isOver) throw refused('program.revoked', id)
      if (known?.networks && !isWithin(known.networks, addressOfProgram())) throw refused('program.wrong_network', id)
      return known && metadataOf(id, known)
    },
  }
}

/** The caller sees an unknown program; the log has the reason. */
const refused = (reason: ProgramFault, client: string) =>
  Object.assign(new errors.InvalidClientAuth(reason), { client })

/** OAuth client metadata, with hashes instead of secrets. */
const metadataOf = (id: string, { scopes, secretHash, formerSecretHash, jwks }: Known): AdapterPayload => ({
  client_id: id,
  scope: scopes.join(' '),
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  ...(secretHash === null
    ? { token_endpoint_auth_method: 'private_key_jwt', jwks: jwks as never }
    : { token_endpoint_auth_method: 'client_secret_basic', client_secret: secretHash }),
  ...(formerSecretHash !== null && { [formerSecret]: formerSecretHash }),
})

/** A member that oidc-provider does not know. */
export const formerSecret = 'former_secret_hash'
