import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { badInput } from '../../engine/errors.js'
import type { FieldRate } from '../../engine/rates.js'
import { officer } from '../../identity/officers/offices.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import { Viewer } from '../../identity/parties/viewer.js'
import { actsForParties, type Context } from '../../shared/context.js'
import type { Answer } from './answer.js'
import { ask } from './ask.js'
import { BorderAnswer, border } from './border.js'
import { CompanyAnswer, companies } from './company.js'
import { CompanyRecords } from './companyRecords.js'
import { PersonRecords } from './personRecords.js'
import { PopulationAnswer, population } from './population.js'
import { PropertyAnswer, property } from './property.js'
import type { Asking } from './records.js'
import { SocialInsuranceAnswer, socialInsurance } from './socialInsurance.js'
import { TaxAnswer, tax } from './tax.js'
import { TrafficAnswer, traffic } from './traffic.js'

type Answering = Promise<Answer<object>>
const ofVehicle =
  'The plate of a vehicle of theirs, to see its fines alone: 1 to 16 letters, digits, spaces and hyphens, else ' +
  'BAD_USER_INPUT. Null: all. RATE_LIMITED beyond 60 in a minute by one caller, under each alias.'

/** An answer about one vehicle is not kept, so each is asked anew. */
export const vehiclesOfCaller: FieldRate = {
  points: 60,
  seconds: 60,
  by: ({ vehicle }: { vehicle?: string | null }, { caller }: Context) => (vehicle == null ? undefined : caller.id),
}

@Resolver(() => PersonRecords)
export class PersonRecordsResolver {
  @FieldResolver(() => PopulationAnswer, { nullable: true, description: 'The State Population Register.' })
  population(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(population, asking, context)
  }

  @FieldResolver(() => TrafficAnswer, { nullable: true, description: 'The traffic police: points and fines.' })
  traffic(
    @Root() asking: Asking,
    @Ctx() context: Context,
    @Arg('vehicle', () => String, { nullable: true, description: ofVehicle }) vehicle?: string,
  ): Answering {
    return ask(traffic, narrowed(asking, vehicle), context)
  }

  @FieldResolver(() => PropertyAnswer, { nullable: true, description: 'The State Register of Real Estate.' })
  property(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(property, asking, context)
  }

  @FieldResolver(() => SocialInsuranceAnswer, { nullable: true, description: 'Employment and pension.' })
  socialInsurance(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(socialInsurance, asking, context)
  }

  @FieldResolver(() => TaxAnswer, { nullable: true, description: 'The tax service: what is owed.' })
  tax(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(tax, asking, context)
  }

  @AllowedTo(officer())
  @FieldResolver(() => BorderAnswer, {
    nullable: true,
    description: 'Entries, exits and restrictions. For officers alone: FORBIDDEN to all others, the person too.',
  })
  border(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(border, asking, context)
  }
}

@Resolver(() => CompanyRecords)
export class CompanyRecordsResolver {
  @FieldResolver(() => CompanyAnswer, {
    nullable: true,
    description: 'The State Register of Commercial Legal Entities: its extract.',
  })
  register(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(companies, asking, context)
  }

  @FieldResolver(() => TrafficAnswer, { nullable: true, description: 'The traffic police: fines of its vehicles.' })
  traffic(
    @Root() asking: Asking,
    @Ctx() context: Context,
    @Arg('vehicle', () => String, { nullable: true, description: ofVehicle }) vehicle?: string,
  ): Answering {
    return ask(traffic, narrowed(asking, vehicle), context)
  }

  @FieldResolver(() => PropertyAnswer, { nullable: true, description: 'The State Register of Real Estate.' })
  property(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(property, asking, context)
  }

  @FieldResolver(() => TaxAnswer, { nullable: true, description: 'The tax service: what is owed.' })
  tax(@Root() asking: Asking, @Ctx() context: Context): Answering {
    return ask(tax, asking, context)
  }
}

function narrowed(asking: Asking, vehicle: string | null | undefined) {
  if (vehicle == null) return asking
  // What a registry cannot take it may answer by an error, and be left alone for it, by everybody.
  if (!/^[\p{L}\p{N} -]{1,16}$/u.test(vehicle))
    throw badInput('`vehicle` is a plate: 1 to 16 letters, digits, spaces and hyphens.')
  return { ...asking, vehicle }
}

/** What the law calls the right to know what is held of oneself. */
const own = (party: string): Asking => ({ party, purpose: 'OWN_DATA' })

@Resolver(() => Party)
export class RecordsOfPartyResolver {
  @FieldResolver(() => PersonRecords, {
    nullable: true,
    description:
      'What the registries hold of the person: for themselves and whoever has the power VIEW over them for all services. ' +
      'Null of an organisation. Officers ask by `personRecords`. Takes assurance SUBSTANTIAL, of a program the scope ' +
      '`registries:read`.',
  })
  person(@Root() { id, kind }: { id: string; kind: PartyKind }, @Ctx() { caller }: Context): Asking | null {
    return kind === PartyKind.NATURAL_PERSON && actsForParties(caller) ? own(id) : null
  }

  @FieldResolver(() => CompanyRecords, {
    nullable: true,
    description:
      'What the registries hold of the organisation: for whoever has the power VIEW over it for all services, and its ' +
      'programs with the scope `registries:read`. Null of a person. Officers ask by `companyRecords`.',
  })
  company(@Root() { id, kind }: { id: string; kind: PartyKind }, @Ctx() { caller }: Context): Asking | null {
    return kind === PartyKind.LEGAL_ENTITY && actsForParties(caller) ? own(id) : null
  }
}

@Resolver(() => Viewer)
export class RecordsOfViewerResolver {
  @FieldResolver(() => PersonRecords, {
    nullable: true,
    description: 'What the registries hold of the person who asks; null where none does. Takes assurance SUBSTANTIAL.',
  })
  person(@Ctx() { caller }: Context): Asking | null {
    return caller.kind === 'PERSON' ? own(caller.party) : null
  }
}
