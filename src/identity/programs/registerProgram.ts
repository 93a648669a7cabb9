import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, ID, InputType } from 'type-graphql'
import { NIL, v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { agencyProgramScopes, programScopes, signedIn } from '../../shared/context.js'
import { LegalDate } from '../../shared/scalars.js'
import { partyNamed } from '../parties/partyArgument.js'
import { wrongOwner } from './program.errors.js'
import { Program } from './program.js'
import { ownerIn, type ProgramOwner, requireOwner } from './program.repository.js'
import { endOf, keysIn, userErrorsInRegistration } from './program.rules.js'
import { programs } from './program.table.js'
import { nameOfScope, ProgramScope, scopeNamed } from './programScope.js'
import { makeSecret } from './secret.js'

@InputType({ description: 'Input of `registerProgram`.' })
export class RegisterProgramInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'ID of the organisation. The caller must be its head or a SEAL_HOLDER. Provide either `partyId` or `agencyCode`.',
  })
  partyId?: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Code of the agency. The caller must be its ADMIN. Provide either `partyId` or `agencyCode`.',
  })
  agencyCode?: string | null
  @Field(() => String, { description: 'Name of the program, with 1 to 100 visible characters.' })
  name!: string
  @Field(() => [ProgramScope], {
    description: 'Scopes its tokens may have. Requires at least one, of those for its kind of owner.',
  })
  scopes!: string[]
  @Field(() => [String], {
    nullable: true,
    description:
      'Addresses and networks the program may connect from, such as `203.0.113.0/24`. At most 20. Null allows ' +
      'any address.',
  })
  networks?: string[] | null
  @Field(() => LegalDate, { description: 'Last day of validity, at most two years ahead.' })
  expiresOn!: string
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Public keys (RFC 7517) of a program that signs instead of using a secret. Contains 1 to 5 keys, each ' +
      'with a `kid`: `{"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…", "kid": "2026"}]}`. Allowed ' +
      'are EC (P-256, P-384, P-521), OKP (Ed25519), and RSA of 2048 to 8192 bits for PS256 to PS512.',
  })
  publicKeys?: Record<string, unknown> | null
}

export const registerProgram = command({
  name: 'registerProgram',
  description:
    'Registers a program of an organisation or an agency, which then gets tokens at `/oauth/token`. Requires the head or ' +
    'a SEAL_HOLDER of the organisation, or an ADMIN of the agency, with assurance HIGH. Returns MISSING or INVALID for ' +
    'wrong input, such as a scope for the other kind of owner. Returns NOT_ALLOWED_NOW if the owner has 20 programs. ' +
    'Returns FORBIDDEN to other callers, and with STEP_UP_REQUIRED below assurance HIGH.',
  allowedTo: signedIn,
  input: RegisterProgramInput,
  key: 'required',
  creates: true,
  made: { program: { type: Program, description: 'Registered program.' } },
  once: {
    secret: {
      type: () => String,
      description:
        'Secret of the program. Returned only once. Null if the program has its own keys, and in a repeated ' +
        'request.',
    },
  },
  async act(input: RegisterProgramInput, acting: Acting) {
    const { tx, context } = acting
    if ((input.partyId == null) === (input.agencyCode == null)) return refused([wrongOwner])
    const owner = await ownerOf(acting, input)
    const ids = await requireOwner(acting, owner)
    const createdAt = context.now()
    const allowed = owner.agencyId ? agencyProgramScopes : programScopes
    const given = { ...input, allowed: allowed.map(nameOfScope) }
    const userErrors = userErrorsInRegistration(given, context.today, await countActive(acting, owner))
    if (userErrors.length > 0) return refused(userErrors)

    const [id, actor] = [v7(), context.caller.id]
    const { name, scopes, networks = null, expiresOn, publicKeys } = input
    const jwks = publicKeys ? { keys: keysIn(publicKeys) } : null
    const { secret, secretHash } = jwks ? { secret: null, secretHash: null } : makeSecret()
    await tx.insert(programs).values({
      id,
      ...owner,
      name: name.trim(),
      scopes: [...new Set(scopes)].map(scopeNamed),
      networks,
      jwks,
      secretHash,
      registeredBy: actor,
      registeredUnder: ids.mandate ?? ids.under ?? null,
      createdAt,
      expiresAt: endOf(expiresOn),
    })
    const event = { domain: 'identity', type: 'program.registered', subject: id, ...ownerIn(owner), ids }
    await record(tx, [{ ...event, at: createdAt, actor }])
    return made({ program: id }, { secret })
  },
})

/** An unknown agency is nobody's. */
async function ownerOf({ tx }: Acting, { partyId, agencyCode }: RegisterProgramInput): Promise<ProgramOwner> {
  if (agencyCode == null) return { partyId: partyNamed(partyId ?? ''), agencyId: null }
  const [agency] = await tx.select({ id: agencies.id }).from(agencies).where(eq(agencies.code, agencyCode))
  return { partyId: null, agencyId: agency?.id ?? NIL }
}

/** Programs of an owner in force. The lock makes concurrent registrations count in turn. */
async function countActive({ tx, context }: Acting, { partyId, agencyId }: ProgramOwner): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`programs of ${partyId ?? agencyId}`}, 0))`)
  const isTheirs = partyId ? eq(programs.partyId, partyId) : eq(programs.agencyId, agencyId ?? NIL)
  return await tx.$count(programs, and(isTheirs, isNull(programs.revokedAt), gt(programs.expiresAt, context.now())))
}
