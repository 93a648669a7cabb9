import { eq, sql } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { asked, connection, descending, fields, leaf, one, queries, type Row, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { type Context, seesPersonal, signedIn } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { isWhollyForCaller } from '../mandates/powers.js'
import { Party } from '../parties/party.resolver.js'
import { ofParty } from '../parties/partyArgument.js'
import { ProgramRevocation, programs } from './program.table.js'
import { nameOfScope, ProgramScope } from './programScope.js'

registerEnumType(ProgramRevocation, {
  name: 'ProgramRevocation',
  description: 'Why a program was revoked.',
  valuesConfig: {
    COMPROMISED: { description: 'Somebody else knows its secret or its key, or may.' },
    REPLACED: { description: 'Another program has taken its place.' },
    NO_LONGER_USED: { description: 'It is not needed any more.' },
    OTHER: { description: 'For another reason.' },
  },
})

type ProgramRow = Row<typeof programs>
const itself = asked(({ caller }: Context) => caller.program?.id)

@AllowedTo(seesPersonal)
@Stored(programs, {
  PERSON: ({ partyId }: ProgramRow) => isWhollyForCaller(partyId),
  PROGRAM: ({ id }: ProgramRow) => eq(id, sql`${itself}::uuid`),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'A program of an organisation, which gets its tokens at `/oauth/token`. Seen by whoever has the power VIEW over the ' +
    'organisation for all services, and by the program itself.',
})
export class Program extends Node {
  @Field(() => String, { description: 'What its organisation calls it.' })
  name!: string
  @Field(() => [String], { nullable: true, description: 'Networks that it may come from; null: from anywhere.' })
  networks!: string[] | null
  @Field(() => DateTime, { description: 'When it was registered.' })
  createdAt!: Date
  @Field(() => DateTime, { description: 'Not good at this moment any more.' })
  expiresAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When it last got a token, to the minute; null: never yet.' })
  lastUsedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when the secret before this one is good too; null where there is none.',
  })
  formerSecretUntil!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'Since when it may do nothing; null where it may.' })
  revokedAt!: Date | null
  @Field(() => ProgramRevocation, { nullable: true, description: 'Why it was revoked; null where it was not.' })
  revokedBecause!: ProgramRevocation | null
}

type Shown = Pick<typeof programs.$inferSelect, 'id' | 'scopes' | 'secretHash' | 'jwks'>

fields(Program, {
  clientId: leaf(
    () => String,
    [programs.id],
    ({ id }: Shown) => id,
    { description: 'Its `client_id` at `/oauth/token`.' },
  ),
  scopes: leaf(
    () => [ProgramScope],
    [programs.scopes],
    ({ scopes }: Shown) => scopes.map(nameOfScope),
    {
      description: 'What its tokens may let it do, at most.',
    },
  ),
  hasSecret: leaf(
    () => Boolean,
    [programs.secretHash],
    ({ secretHash }: Shown) => secretHash !== null,
    {
      description: 'Whether it shows who it is by a secret. If not, it signs with a key of its own.',
      nullable: false,
    },
  ),
  keyIds: leaf(
    () => [String],
    [programs.jwks],
    ({ jwks }: Shown) => (jwks?.keys ?? []).map(({ kid }) => kid),
    {
      description: 'The ids of its public keys (`kid`); none where it has a secret.',
      nullable: false,
    },
  ),
  party: one(Party, programs.partyId, { description: 'Its organisation.' }),
})

export const programQueries = queries({
  programs: connection(Program, undefined, {
    allowedTo: signedIn,
    owner: ofParty(programs.partyId),
    order: descending(programs.createdAt),
    description: 'The programs of an organisation, revoked ones too, the newest first. A program finds itself alone.',
  }),
})
