import { and, eq, type SQL, sql } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
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
import { Node, nodeIdOf } from '../../engine/node.js'
import { isWhollyForCaller, ownParty } from '../../identity/mandates/powers.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf, handledByCaller } from '../../identity/officers/offices.js'
import { CallerKinds } from '../../identity/parties/callerKind.js'
import { knownOf } from '../../identity/parties/party.repository.js'
import { Party } from '../../identity/parties/party.resolver.js'

import { clients } from '../../identity/programs/client.table.js'
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
    CASE: { description: 'The answers or messages of an application were shown.' },
    FILE: { description: 'A file was opened, or the link to it was shown.' },
  },
})
registerEnumType(AccessOutcome, {
  name: 'AccessOutcome',
  description: 'What came of a look.',
  valuesConfig: {
    SHOWN: { description: 'There was something, and it was shown.' },
    NOTHING_HELD: { description: 'The registry holds nothing of them.' },
    NOT_ANSWERED: { description: 'The registry did not say.' },
    REFUSED: { description: 'An officer tried, and may not. No registry was asked, and nothing was shown.' },
  },
})

type AccessRow = Row<typeof accesses>
const atNow = asked(({ now }: Context) => now().toISOString())
/** In the scope of all but auditors: so nothing shows of what is secret as yet, not by a count, a cursor, or an id. */
const isReleased = ({ releaseAt }: AccessRow): SQL => sql`${releaseAt} <= ${atNow}::text::timestamptz`
const isTheirs = (row: AccessRow) => and(isWhollyForCaller(row.partyId), isReleased(row))
const readsRegistries = asked(({ caller }: Context) => hasScope(caller, 'registries:read'))

const mayRead = (caller: Caller) => hasScope(caller, 'registries:read')
/** By an id as surely as by the list that it stands in. */
const asSurely = ({ kind }: Caller): StepUp => ({
  assurance: kind === 'PERSON' ? Assurance.SUBSTANTIAL : Assurance.HIGH,
})
/** Open to those who may read of accesses; of whose data, their scope says. */
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
    'That somebody looked at somebody’s data. Seen by whose data it is and whoever has the power VIEW over them for all ' +
    'services, by their own programs with `registries:read`, by the ADMIN of the agency that looked, and by ' +
    'auditors. Where the law keeps a look secret, nobody but auditors sees it before `releaseAt`.',
})
export class AccessLogEntry extends Node {
  @Field(() => DateTime, { description: 'When.' })
  at!: Date
  @Field(() => AccessKind, { description: 'How.' })
  kind!: AccessKind
  @Field(() => AccessOutcome, { description: 'What came of it.' })
  outcome!: AccessOutcome
  @Field(() => [String], {
    description: 'What of a record was asked for: the names of its fields in this API. Of a file its id.',
  })
  fields!: string[]
  @Field(() => String, { nullable: true, description: 'The number of the application or case it was for, if any.' })
  application!: string | null
  @Field(() => String, {
    nullable: true,
    description:
      'The id of the message to the registry (`X-Road-Id`), or of the one that brought the stored answer; null where there is none.',
  })
  messageId!: string | null
  @Field(() => DateTime, {
    description:
      'From when on whose data it is may read of it: from the beginning, or once the purpose keeps it secret no more. By the purpose alone, whatever came of it.',
  })
  releaseAt!: Date
}

/** What `by` is made of. */
type Looker = Pick<typeof accesses.$inferSelect, 'actor' | 'actorPartyId' | 'clientId' | 'agencyId'>
const kindIn = (actor: string): CallerKind | null =>
  callerKinds.find((kind) => actor.startsWith(`${kind.toLowerCase()}:`)) ?? null

@AllowedTo(anyone)
@Stored(accesses, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'Who looked. Of an officer the agency is named, and to others than their ADMIN never the person.',
})
export class AccessActor {}

@AllowedTo(anyone)
@Stored(clients, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'The program that looked.' })
export class AccessProgram {
  @Field(() => String, { description: 'What its organisation calls it.' })
  name!: string
}
fields(AccessProgram, {
  clientId: leaf(
    () => String,
    [clients.id],
    ({ id }: Pick<typeof clients.$inferSelect, 'id'>) => id,
    { description: 'Its `client_id`.' },
  ),
})

fields(AccessActor, {
  kind: carried(() => CallerKinds, 'kind', {
    description: 'As what they asked; null where this installation did by itself.',
    nullable: true,
  }),
  party: one(Party, accesses.actorPartyId, {
    description:
      'The person, or of a program its organisation; null where the caller may not look at them, and of officers.',
  }),
  program: one(AccessProgram, accesses.clientId, { description: 'The program; null where none looked.' }),
  actorId: carried(() => String, 'actorId', {
    description:
      'By what this installation knows them, the same at each look: for auditors and the ADMIN of the agency; null for others.',
    nullable: true,
  }),
})

@Resolver(() => AccessActor)
export class AccessActorResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'The name of the officer, for the ADMIN of the agency alone; null for others.',
  })
  async officerName(@Root() { officer }: { officer: string | null }, @Ctx() context: Context): Promise<string | null> {
    return officer && (await loadFor(context, knownOf, officer)).name
  }
}

function lookerOf({ actor, actorPartyId, clientId, agencyId }: Looker, { caller }: Context) {
  const kind = kindIn(actor)
  const isTheirAdmin = agencyId !== null && agenciesOf(caller, OfficerRole.ADMIN).includes(agencyId)
  return {
    kind,
    clientId,
    actorId: isTheirAdmin || caller.kind === 'AUDITOR' ? actor : null,
    // Who acts for an officer in their own affairs is not to learn from here what that officer does.
    actorPartyId: kind === 'PERSON' || kind === 'PROGRAM' ? actorPartyId : null,
    officer: kind === 'OFFICER' && isTheirAdmin ? actorPartyId : null,
  }
}

type Shown = Pick<typeof accesses.$inferSelect, 'partyId' | 'position'>

fields(AccessLogEntry, {
  by: leaf(() => AccessActor, [accesses.actor, accesses.actorPartyId, accesses.clientId, accesses.agencyId], lookerOf, {
    description: 'Who looked.',
    nullable: false,
  }),
  partyId: leaf(
    () => ID,
    [accesses.partyId],
    ({ partyId }: Shown) => nodeIdOf('Party', partyId),
    { description: 'Whose data: what arguments named `party` take. Known to auditors and the ADMIN, too.' },
  ),
  party: one(Party, accesses.partyId, {
    description: 'Whose data; null where the caller may not look at them.',
  }),
  agency: one(Agency, accesses.agencyId, {
    description: 'For which agency an officer looked; null where it was no officer.',
  }),
  registry: one(Registry, accesses.registryId, {
    description: 'Of which registry; null of a file, and of a look that was REFUSED before any was named.',
  }),
  purpose: one(Purpose, accesses.purposeId, { description: 'What for.' }),
  ground: one(LegalGround, accesses.groundId, {
    description: 'By what law; null where the look was not at a registry, or was REFUSED.',
  }),
  position: leaf(
    () => String,
    [accesses.position],
    ({ position }: Shown, { caller }: Context) =>
      caller.kind === 'AUDITOR' && position !== null ? String(position) : null,
    {
      description:
        'Its place in the log, as `npm run verify-log` names it: for auditors; null for others, and until it has a checkpoint.',
    },
  ),
})
