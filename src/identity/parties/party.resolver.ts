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
  description: 'What kind of subject a party is.',
  valuesConfig: {
    NATURAL_PERSON: { description: 'A person; one who trades under a VÖEN as well.' },
    LEGAL_ENTITY: { description: 'A company, or another organisation that the register of legal entities knows.' },
  },
})
registerEnumType(PersonStatus, {
  name: 'PersonStatus',
  description: 'What a person is to the state.',
  valuesConfig: {
    CITIZEN: { description: 'A citizen of Azerbaijan.' },
    FOREIGNER: { description: 'A citizen of another state.' },
    STATELESS: { description: 'A person without citizenship.' },
  },
})
registerEnumType(IdentifierType, {
  name: 'IdentifierType',
  description: 'By what a party is known.',
  valuesConfig: {
    FIN: { description: 'The identification number of a person (FİN).' },
    VOEN: { description: 'The number of a taxpayer (VÖEN).' },
    DOCUMENT: { description: 'Of who has no FİN: the issuing country and the number of a document, "UTO:X0000000".' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'What the world calls a party.' })
export class PartyIdentifier {
  @Field(() => IdentifierType, { description: 'What kind of identifier it is.' })
  type!: IdentifierType
  @Field(() => String, { description: 'The identifier, without spaces and in capitals.' })
  value!: string
}

type PartyRow = Row<typeof parties>
const isTheirs = ({ id }: PartyRow) => isForCaller(id)
/** An officer, an operator or an auditor acts for nobody here. */
const isOneself = ({ id }: PartyRow) => eq(id, sql`${ownParty}::uuid`)
const readsMandates = asked(({ caller }: Context) => hasScope(caller, 'mandates:read'))
/** For whom the organisation acts is what that scope is for. */
const isProgramsOwn = (row: PartyRow) => and(isTheirs(row), or(sql`${readsMandates}::boolean`, isOneself(row)))

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
    'A person or an organisation. Seen by itself, by the programs of an organisation, and by whoever has the power VIEW ' +
    'over it: of programs, by those with the scope `mandates:read`. Of an account that was known with assurance SUBSTANTIAL or ' +
    'HIGH before, all but `id` and `kind` require SUBSTANTIAL: else null with STEP_UP_REQUIRED.',
})
export class Party extends Node {
  @Field(() => PartyKind, { description: 'What kind of subject it is.' })
  kind!: PartyKind
}

type Shown = Pick<typeof parties.$inferSelect, 'id'>

/** What is encrypted is opened for whoever sees the party. */
@Resolver(() => Party)
export class PartyResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Its name as it was told; null where nobody has told it, or the party was forgotten.',
  })
  async name(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, knownOf, id)).name
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => [PartyIdentifier], {
    nullable: true,
    description: 'What it is known by; none where the party was forgotten.',
  })
  async identifiers(@Root() { id }: Shown, @Ctx() context: Context): Promise<PartyIdentifier[]> {
    return (await loadFor(context, knownOf, id)).identifiers
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => PersonStatus, {
    nullable: true,
    description: 'What the person is to the state; null where that is not known, and of an organisation.',
  })
  async status(@Root() { id }: Shown, @Ctx() context: Context): Promise<PersonStatus | null> {
    return (await loadFor(context, knownOf, id)).status
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => LegalDate, {
    nullable: true,
    description: 'When the person was born; null where that is not known, and of an organisation.',
  })
  async birthDate(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, knownOf, id)).birthDate
  }
}
