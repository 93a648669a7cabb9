import { and, eq, type SQL, sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Registry } from '../../agencies/registry.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import {
  asked,
  carried,
  everyone,
  fields,
  leaf,
  one,
  type Row,
  Stored,
  whoSeesItsParent,
} from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { idIn, Node } from '../../engine/node.js'
import { isWhollyForCaller, ownParty } from '../../identity/mandates/powers.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf, handledByCaller } from '../../identity/officers/offices.js'
import { CallerKinds } from '../../identity/parties/callerKind.js'
import { knownOf } from '../../identity/parties/party.repository.js'
import { Party } from '../../identity/parties/party.resolver.js'

import { programs } from '../../identity/programs/program.table.js'
import { Assurance } from '../../shared/assurance.table.js'
import {
  type Caller,
  type CallerKind,
  type Context,
  callerKinds,
  hasScope,
  only,
  type StepUp,
} from '../../shared/context.js'
import { DateTime } from '../../shared/scalars.js'
import { LegalGround } from '../consents/legalGround.js'
import { AccessKind, AccessOutcome, accesses } from './access.table.js'
import { Purpose } from './purpose.js'

registerEnumType(AccessKind, {
  name: 'AccessKind',
  description: 'Way in which data was accessed.',
  valuesConfig: {
    CALL: { description: 'The registry was queried, or would have been if the access had not been REFUSED.' },
    STORED_ANSWER: { description: 'An earlier answer of the registry was shown.' },
    CASE: { description: 'Personal texts of an application, charge or refund were shown.' },
    FILE: { description: 'A file was opened, or the link to it was shown.' },
  },
})
registerEnumType(AccessOutcome, {
  name: 'AccessOutcome',
  description: 'Result of an access.',
  valuesConfig: {
    SHOWN: { description: 'Data was shown.' },
    NOT_FOUND: { description: 'The registry has no record.' },
    NO_ANSWER: { description: 'The registry did not answer.' },
    REFUSED: { description: 'An officer was refused. No registry was queried and nothing was shown.' },
  },
})

type AccessRow = Row<typeof accesses>
const atNow = asked(({ now }: Context) => now().toISOString())
/** In the scope of everybody but auditors, so that no count, cursor or ID reveals a secret entry. */
const isReleased = ({ releaseAt }: AccessRow): SQL => sql`${releaseAt} <= ${atNow}::text::timestamptz`
const isTheirs = (row: AccessRow, variant: string | undefined) =>
  and(isWhollyForCaller(row.partyId, variant), isReleased(row))
const readsRegistries = asked(({ caller }: Context) => hasScope(caller, 'registries:read'))

const mayRead = (caller: Caller) => hasScope(caller, 'registries:read')
/** An entry fetched by ID requires the same assurance as its list. */
const asSurely = ({ kind }: Caller): StepUp => ({
  assurance: kind === 'PERSON' ? Assurance.SUBSTANTIAL : Assurance.HIGH,
})
/** Allows those who may read accesses. The scope decides whose. */
export const reading = (name: string, whose: string, kinds: readonly CallerKind[]) =>
  only(name, whose, kinds, asSurely, mayRead)

@AllowedTo(
  reading('accessLogEntry', 'persons, officers, auditors, and programs with the scope registries:read', [
    'PERSON',
    'PROGRAM',
    'OFFICER',
    'AUDITOR',
  ]),
)
@Stored(accesses, {
  PERSON: isTheirs,
  PROGRAM: (row: AccessRow) =>
    and(sql`${readsRegistries}::boolean`, eq(row.partyId, sql`${ownParty}::uuid`), isReleased(row)),
  OFFICER: (row: AccessRow) => and(handledByCaller(row.agencyId, OfficerRole.ADMIN), isReleased(row)),
  AUDITOR: everyone,
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'One access to a party’s data. Visible to the party, to holders of the power VIEW over it for all services, and ' +
    'to its programs with the scope `registries:read`. Also visible to the ADMIN of the agency whose officer accessed it, ' +
    'and to auditors. If the law keeps an access secret, only auditors see it before `releaseAt`.',
})
export class AccessLogEntry extends Node {
  @Field(() => DateTime, { description: 'Time of the access.' })
  at!: Date
  @Field(() => AccessKind, { description: 'Way in which the data was accessed.' })
  kind!: AccessKind
  @Field(() => AccessOutcome, { description: 'Result of the access.' })
  outcome!: AccessOutcome
  @Field(() => [String], {
    description:
      'Requested fields of the record, by their names in this API. The ID of the file for FILE; `application`, ' +
      '`messages`, `persons`, `opinions`, `charge`, `refund` or `filing` for CASE.',
  })
  fields!: string[]
  @Field(() => String, {
    nullable: true,
    description: 'Number of the application, charge, refund, filing or case. Null if there is none.',
  })
  application!: string | null
  @Field(() => String, {
    nullable: true,
    description:
      'ID of the message to the registry (`X-Road-Id`), or of the message that brought the stored answer. Null if ' +
      'there is none.',
  })
  messageId!: string | null
  @Field(() => DateTime, {
    description:
      'When the party may see this entry. Depends only on the purpose. Equals `at` unless the purpose keeps accesses ' +
      'secret for a time.',
  })
  releaseAt!: Date
}

type Looker = Pick<typeof accesses.$inferSelect, 'actor' | 'actorPartyId' | 'programId' | 'agencyId'>
const kindIn = (actor: string): CallerKind | null =>
  callerKinds.find((kind) => actor.startsWith(`${kind.toLowerCase()}:`)) ?? null

@AllowedTo(anyone)
@Stored(accesses, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description:
    'Who accessed the data. For an officer, the party sees only the agency; the ADMIN of the agency also sees the ' +
    'officer.',
})
export class AccessActor {}

@AllowedTo(anyone)
@Stored(programs, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Program that accessed the data.' })
export class AccessProgram {
  @Field(() => String, { description: 'Name given by its organisation or agency.' })
  name!: string
}
fields(AccessProgram, {
  clientId: leaf(
    () => String,
    [programs.id],
    ({ id }: Pick<typeof programs.$inferSelect, 'id'>) => id,
    { description: 'OAuth `client_id` of the program.' },
  ),
})

fields(AccessActor, {
  kind: carried(() => CallerKinds, 'kind', {
    description: 'Kind of caller. Null if this installation acted by itself.',
    nullable: true,
  }),
  party: one(Party, accesses.actorPartyId, {
    description:
      'Person, or for a program its organisation. Null for an officer, and if the caller may not see the party.',
  }),
  program: one(AccessProgram, accesses.programId, {
    description: 'Program. Null if a person or an officer accessed the data.',
  }),
  actorId: carried(() => String, 'actorId', {
    description: 'Stable identifier of the actor. Null unless the caller is an auditor or the ADMIN of the agency.',
    nullable: true,
  }),
})

@Resolver(() => AccessActor)
export class AccessActorResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Name of the officer. Null unless the caller is the ADMIN of the agency.',
  })
  async officerName(@Root() { officer }: { officer: string | null }, @Ctx() context: Context): Promise<string | null> {
    return officer && (await loadFor(context, knownOf, officer)).name
  }
}

function lookerOf({ actor, actorPartyId, programId, agencyId }: Looker, { caller }: Context) {
  const kind = kindIn(actor)
  const isTheirAdmin = agencyId !== null && agenciesOf(caller, OfficerRole.ADMIN).includes(agencyId)
  return {
    kind,
    programId,
    actorId: isTheirAdmin || caller.kind === 'AUDITOR' ? actor : null,
    // Whoever represents an officer privately must not learn here what that officer does at work.
    actorPartyId: kind === 'PERSON' || kind === 'PROGRAM' ? actorPartyId : null,
    officer: kind === 'OFFICER' && isTheirAdmin ? actorPartyId : null,
  }
}

type Shown = Pick<typeof accesses.$inferSelect, 'partyId' | 'position'>

fields(AccessLogEntry, {
  by: leaf(
    () => AccessActor,
    [accesses.actor, accesses.actorPartyId, accesses.programId, accesses.agencyId],
    lookerOf,
    {
      description: 'Who accessed the data.',
      nullable: false,
    },
  ),
  partyId: idIn(
    accesses.partyId,
    'Party',
    'ID of the party whose data was accessed. Always present, also if `party` is null.',
  ),
  party: one(Party, accesses.partyId, {
    description: 'Party whose data was accessed. Null if the caller may not see the party.',
  }),
  agency: one(Agency, accesses.agencyId, {
    description: 'Agency for which its officer, its program or a job accessed the data. Null for everybody else.',
  }),
  registry: one(Registry, accesses.registryId, {
    description:
      'Registry that holds the data. Null for CASE and FILE, and for a REFUSED access that named no registry.',
  }),
  purpose: one(Purpose, accesses.purposeId, { description: 'Purpose of the access.' }),
  ground: one(LegalGround, accesses.groundId, {
    description: 'Legal ground of the access. Null for CASE and FILE, and if the access was REFUSED.',
  }),
  position: leaf(
    () => String,
    [accesses.position],
    ({ position }: Shown, { caller }: Context) =>
      caller.kind === 'AUDITOR' && position !== null ? String(position) : null,
    {
      description:
        'Position in the log, as printed by `npm run verify-log`. Null unless the caller is an auditor, and until a ' +
        'checkpoint covers the entry.',
    },
  ),
})
