import { and, eq, or, sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { asked, type Row, Stored } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { Node } from '../../engine/node.js'
import { type Context, hasScope, seesPersonal } from '../../shared/context.js'
import { LegalDate } from '../../shared/scalars.js'
import { isForCaller, ownParty } from '../mandates/powers.js'
import { IdentifierType } from './identifier.table.js'
import { PersonStatus } from './particulars.table.js'
import { knownOf } from './party.repository.js'
import { PartyKind, parties } from './party.table.js'

registerEnumType(PartyKind, {
  name: 'PartyKind',
  description: 'Type of party.',
  valuesConfig: {
    NATURAL_PERSON: { description: 'Person, including a person who trades under a VÖEN.' },
    LEGAL_ENTITY: { description: 'Company or other organisation in the register of legal entities.' },
  },
})
registerEnumType(PersonStatus, {
  name: 'PersonStatus',
  description: 'Citizenship status of a person.',
  valuesConfig: {
    CITIZEN: { description: 'Citizen of Azerbaijan.' },
    FOREIGNER: { description: 'Citizen of another state.' },
    STATELESS: { description: 'Person without citizenship.' },
  },
})
registerEnumType(IdentifierType, {
  name: 'IdentifierType',
  description: 'Type of identifier.',
  valuesConfig: {
    FIN: { description: 'Identification number of a person (FİN).' },
    VOEN: { description: 'Taxpayer number (VÖEN).' },
    DOCUMENT: { description: 'Issuing country and document number of a person without a FİN, such as "UTO:X0000000".' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Official identifier of a party.' })
export class PartyIdentifier {
  @Field(() => IdentifierType, { description: 'Type of identifier.' })
  type!: IdentifierType
  @Field(() => String, { description: 'Identifier, without spaces and in capitals.' })
  value!: string
}

type PartyRow = Row<typeof parties>
const isTheirs = ({ id }: PartyRow, variant: string | undefined) => isForCaller(id, variant)
/** Officers, operators and auditors act for no party. */
const isOneself = ({ id }: PartyRow) => eq(id, sql`${ownParty}::uuid`)
const readsMandates = asked(({ caller }: Context) => hasScope(caller, 'mandates:read'))
/** The scope covers the parties for whom the organisation acts. */
const isProgramsOwn = (row: PartyRow, variant: string | undefined) =>
  and(isTheirs(row, variant), or(sql`${readsMandates}::boolean`, isOneself(row)))

@AllowedTo(anyone)
@Stored(parties, {
  PERSON: isTheirs,
  PROGRAM: isProgramsOwn,
  OFFICER: isOneself,
  OPERATOR: isOneself,
  AUDITOR: isOneself,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Person or organisation. Visible to itself, to its own programs, and to callers with the power VIEW over ' +
    'it. Programs need the scope `mandates:read` to see other parties. Fields except `id` and `kind` fail ' +
    'with STEP_UP_REQUIRED below SUBSTANTIAL, once the account had SUBSTANTIAL or HIGH.',
})
export class Party extends Node {
  @Field(() => PartyKind, { description: 'Type of party.' })
  kind!: PartyKind
}

type Shown = Pick<typeof parties.$inferSelect, 'id'>

/** Decrypts details for callers who see the party. */
@Resolver(() => Party)
export class PartyResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Name. Null if it is unknown, or the party was forgotten.',
  })
  async name(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, knownOf, id)).name
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => [PartyIdentifier], {
    nullable: true,
    description: 'Identifiers of the party. Empty if the party was forgotten.',
  })
  async identifiers(@Root() { id }: Shown, @Ctx() context: Context): Promise<PartyIdentifier[]> {
    return (await loadFor(context, knownOf, id)).identifiers
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => PersonStatus, {
    nullable: true,
    description: 'Citizenship status. Null if it is unknown, and for an organisation.',
  })
  async status(@Root() { id }: Shown, @Ctx() context: Context): Promise<PersonStatus | null> {
    return (await loadFor(context, knownOf, id)).status
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => LegalDate, {
    nullable: true,
    description: 'Date of birth. Null if it is unknown, and for an organisation.',
  })
  async birthDate(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, knownOf, id)).birthDate
  }
}
