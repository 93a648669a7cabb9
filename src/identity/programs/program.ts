import { eq, sql } from 'drizzle-orm'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import { asked, connection, descending, fields, leaf, one, queries, type Row, Stored } from '../../engine/declare.js'
import { Node } from '../../engine/node.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Context, only, seesPersonal, signedIn } from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { isWhollyForCaller } from '../mandates/powers.js'
import { ofAgency } from '../officers/agencyArgument.js'
import { OfficerRole } from '../officers/appointment.table.js'
import { agenciesOf, handledByCaller } from '../officers/offices.js'
import { Party } from '../parties/party.resolver.js'
import { ofParty } from '../parties/partyArgument.js'
import { ProgramRevocation, programs } from './program.table.js'
import { nameOfScope, ProgramScope } from './programScope.js'

registerEnumType(ProgramRevocation, {
  name: 'ProgramRevocation',
  description: 'Reason for revoking a program.',
  valuesConfig: {
    COMPROMISED: { description: 'Its secret or key is known to somebody else, or may be.' },
    REPLACED: { description: 'Another program replaces it.' },
    NO_LONGER_USED: { description: 'The program is no longer used.' },
    OTHER: { description: 'Another reason.' },
  },
})

type ProgramRow = Row<typeof programs>
const itself = asked(({ caller }: Context) => caller.program?.id)
const isItself = ({ id }: ProgramRow) => eq(id, sql`${itself}::uuid`)

@AllowedTo(seesPersonal)
@Stored(programs, {
  PERSON: ({ partyId }: ProgramRow, variant) => isWhollyForCaller(partyId, variant),
  PROGRAM: isItself,
  AGENCY_PROGRAM: isItself,
  OFFICER: ({ agencyId }: ProgramRow) => handledByCaller(agencyId, OfficerRole.ADMIN),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Program of an organisation or an agency, which gets its tokens at `/oauth/token`. Visible to the program itself, to ' +
    'callers with the power VIEW over the organisation for all services, and to every ADMIN of the agency.',
})
export class Program extends Node {
  @Field(() => String, { description: 'Name given by its organisation or agency.' })
  name!: string
  @Field(() => [String], {
    nullable: true,
    description: 'Networks the program may connect from. Null if it may connect from anywhere.',
  })
  networks!: string[] | null
  @Field(() => DateTime, { description: 'When the program was registered.' })
  createdAt!: Date
  @Field(() => DateTime, { description: 'When the program expires.' })
  expiresAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the program last got a token, to the minute. Null if it never did.',
  })
  lastUsedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the previous secret expires. Null if there is none.',
  })
  formerSecretUntil!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the program was revoked. Null if it was not.' })
  revokedAt!: Date | null
  @Field(() => ProgramRevocation, {
    nullable: true,
    description: 'Reason for the revocation. Null if the program was not revoked.',
  })
  revokedBecause!: ProgramRevocation | null
}

type Shown = Pick<typeof programs.$inferSelect, 'id' | 'scopes' | 'secretHash' | 'jwks'>

fields(Program, {
  clientId: leaf(
    () => String,
    [programs.id],
    ({ id }: Shown) => id,
    { description: 'OAuth `client_id` for `/oauth/token`.', sql: ({ id }) => sql`${id}` },
  ),
  scopes: leaf(
    () => [ProgramScope],
    [programs.scopes],
    ({ scopes }: Shown) => scopes.map(nameOfScope),
    {
      description: 'Scopes its tokens may have.',
    },
  ),
  hasSecret: leaf(
    () => Boolean,
    [programs.secretHash],
    ({ secretHash }: Shown) => secretHash !== null,
    {
      description: 'Whether the program authenticates with a secret. If not, it signs with its own key.',
      nullable: false,
      sql: ({ secretHash }) => sql`${secretHash} is not null`,
    },
  ),
  keyIds: leaf(
    () => [String],
    [programs.jwks],
    ({ jwks }: Shown) => (jwks?.keys ?? []).map(({ kid }) => kid),
    {
      description: 'IDs (`kid`) of its public keys. Empty if the program has a secret.',
      nullable: false,
    },
  ),
  party: one(Party, programs.partyId, {
    description: 'Organisation that owns the program. Null for a program of an agency.',
  }),
  agency: one(Agency, programs.agencyId, {
    description: 'Agency that owns the program. Null for a program of an organisation.',
  }),
})

const adminOrProgram = only(
  'adminOrProgram',
  'the ADMIN of an agency and its programs',
  ['OFFICER', 'AGENCY_PROGRAM'],
  { assurance: Assurance.HIGH },
  (caller) => caller.kind === 'AGENCY_PROGRAM' || agenciesOf(caller, OfficerRole.ADMIN).length > 0,
)
export const programQueries = queries({
  programs: connection(Program, undefined, {
    allowedTo: signedIn,
    owner: ofParty(programs.partyId),
    order: descending(programs.createdAt),
    description: 'Programs of an organisation, including revoked ones, newest first. A program sees only itself.',
  }),
  agencyPrograms: connection(Program, undefined, {
    allowedTo: adminOrProgram,
    owner: ofAgency(programs.agencyId),
    order: descending(programs.createdAt),
    description:
      'Programs of an agency, including revoked ones, newest first. Requires the role ADMIN at the agency. A program of ' +
      'an agency sees only itself.',
  }),
})
