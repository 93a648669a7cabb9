import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, ID, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { signedIn } from '../../shared/context.js'
import { LegalDate } from '../../shared/scalars.js'
import { partyNamed } from '../parties/partyArgument.js'
import { holdsSealOf } from '../parties/seal.js'
import { Program } from './program.js'
import { endOf, keysIn, refusalsToRegister } from './program.rules.js'
import { programs } from './program.table.js'
import { ProgramScope, scopeNamed } from './programScope.js'
import { makeSecret } from './secret.js'

@InputType({ description: 'A program that is to act for an organisation.' })
export class RegisterProgramInput {
  @Field(() => ID, { description: 'The organisation, whose seal the caller holds.' })
  partyId!: string
  @Field(() => String, { description: 'What it is called: 1 to 100 characters.' })
  name!: string
  @Field(() => [ProgramScope], { description: 'What its tokens may let it do, at most; at least one.' })
  scopes!: string[]
  @Field(() => [String], {
    nullable: true,
    description: 'Addresses and networks that it may come from, as `203.0.113.0/24`; at most 20. Null: from anywhere.',
  })
  networks?: string[] | null
  @Field(() => LegalDate, { description: 'The last day on which it is good, within two years.' })
  expiresOn!: string
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Where it signs with a key of its own and has no secret: 1 to 5 public keys (RFC 7517), each with a `kid`, as ' +
      '`{"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…", "kid": "2026"}]}`. EC (P-256, P-384, P-521), OKP ' +
      '(Ed25519), or RSA of 2048 bits and more for PS256 to PS512.',
  })
  publicKeys?: Record<string, unknown> | null
}

export const registerProgram = command({
  name: 'registerProgram',
  description:
    'Registers a program of an organisation, which then gets tokens at `/oauth/token`. For who holds the seal of the ' +
    'organisation, signed in with a signature.',
  allowedTo: signedIn,
  input: RegisterProgramInput,
  key: 'required',
  creates: true,
  made: { program: { type: Program, description: 'The program.' } },
  once: {
    secret: {
      type: () => String,
      description: 'Its secret, told this one time; null where it has keys of its own, and in a repeat.',
    },
  },
  async act(input: RegisterProgramInput, acting: Acting) {
    const { tx, context } = acting
    const partyId = partyNamed(input.partyId)
    const { mandate } = await holdsSealOf(acting, partyId)
    const createdAt = context.now()
    const userErrors = refusalsToRegister(input, context.today, await countStanding(acting, partyId))
    if (userErrors.length > 0) return refused(userErrors)

    const [id, actor] = [v7(), context.caller.id]
    const { name, scopes, networks = null, expiresOn, publicKeys } = input
    const jwks = publicKeys ? { keys: keysIn(publicKeys) } : null
    const { secret, secretHash } = jwks ? { secret: null, secretHash: null } : makeSecret()
    await tx.insert(programs).values({
      id,
      partyId,
      name: name.trim(),
      scopes: [...new Set(scopes)].map(scopeNamed),
      networks,
      jwks,
      secretHash,
      registeredBy: actor,
      registeredUnder: mandate,
      createdAt,
      expiresAt: endOf(expiresOn),
    })
    const said = { domain: 'identity', type: 'program.registered', subject: id, partyId, ids: { mandate } }
    await record(tx, [{ ...said, at: createdAt, actor }])
    return made({ program: id }, { secret })
  },
})

/** Programs of an organisation that may do something. Two who register one at once count one after the other. */
async function countStanding({ tx, context }: Acting, party: string): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`programs of ${party}`}, 0))`)
  const isTheirs = eq(programs.partyId, party)
  return await tx.$count(programs, and(isTheirs, isNull(programs.revokedAt), gt(programs.expiresAt, context.now())))
}
