import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import type { Class } from '../../engine/declare.js'
import { badInput } from '../../engine/errors.js'
import { type FieldRate, LimitedTo } from '../../engine/rates.js'
import { officer } from '../../identity/officers/offices.js'
import { Party } from '../../identity/parties/party.resolver.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import { Viewer } from '../../identity/parties/viewer.js'
import { actsForParties, type Context } from '../../shared/context.js'
import type { Answer } from './answer.js'
import { ask } from './ask.js'
import { BorderAnswer, border } from './border.js'
import { CivilStatusAnswer, civilStatus } from './civilStatus.js'
import { CompanyAnswer, companies } from './company.js'
import { CompanyRecords } from './companyRecords.js'
import { PersonRecords } from './personRecords.js'
import { PopulationAnswer, population } from './population.js'
import { PropertyAnswer, property } from './property.js'
import type { RecordsOf } from './records.js'
import { SocialInsuranceAnswer, socialInsurance } from './socialInsurance.js'
import { TaxAnswer, tax } from './tax.js'
import { TrafficAnswer, traffic } from './traffic.js'

type Answering = Promise<Answer<object>>
const ofVehicle =
  'Plate of one of their vehicles. Only its fines are returned. 1 to 16 letters, digits, spaces and hyphens; ' +
  'returns BAD_USER_INPUT otherwise. Defaults to all vehicles. Returns RATE_LIMITED above 60 queries with a plate ' +
  'a minute by one caller.'

/** Answers about one vehicle are not stored, so each costs a query. */
const vehiclesOfCaller: FieldRate = {
  points: 60,
  seconds: 60,
  by: ({ vehicle }: { vehicle?: string | null }, { caller }: Context) => (vehicle == null ? undefined : caller.id),
}

@Resolver(() => PersonRecords)
export class PersonRecordsResolver {
  @FieldResolver(() => PopulationAnswer, { nullable: true, description: 'Answer of the State Population Register.' })
  population(@Root() about: RecordsOf, @Ctx() context: Context): Answering {
    return ask(population, about, context)
  }

  @FieldResolver(() => CivilStatusAnswer, {
    nullable: true,
    description: 'Answer of the registry of civil status acts: births, marriages, divorces and deaths.',
  })
  civilStatus(@Root() about: RecordsOf, @Ctx() context: Context): Answering {
    return ask(civilStatus, about, context)
  }

  @AllowedTo(officer())
  @FieldResolver(() => BorderAnswer, {
    nullable: true,
    description:
      'Answer of the border system: entries, exits and restrictions. Requires an officer; returns FORBIDDEN to ' +
      'everybody else, including the person.',
  })
  border(@Root() about: RecordsOf, @Ctx() context: Context): Answering {
    return ask(border, about, context)
  }
}

@Resolver(() => CompanyRecords)
export class CompanyRecordsResolver {
  @FieldResolver(() => CompanyAnswer, {
    nullable: true,
    description: 'Answer of the State Register of Commercial Legal Entities.',
  })
  register(@Root() about: RecordsOf, @Ctx() context: Context): Answering {
    return ask(companies, about, context)
  }
}

/** Registries that have records of persons and of organisations. */
function recordsOfBoth(records: Class, descriptionOfTraffic: string) {
  @Resolver(() => records)
  class RecordsOfBothResolver {
    @LimitedTo(vehiclesOfCaller)
    @FieldResolver(() => TrafficAnswer, { nullable: true, description: descriptionOfTraffic })
    traffic(
      @Root() about: RecordsOf,
      @Ctx() context: Context,
      @Arg('vehicle', () => String, { nullable: true, description: ofVehicle }) vehicle?: string,
    ): Answering {
      return ask(traffic, narrowed(about, vehicle), context)
    }

    @FieldResolver(() => PropertyAnswer, {
      nullable: true,
      description: 'Answer of the State Register of Real Estate.',
    })
    property(@Root() about: RecordsOf, @Ctx() context: Context): Answering {
      return ask(property, about, context)
    }

    @FieldResolver(() => SocialInsuranceAnswer, {
      nullable: true,
      description: 'Answer of the social insurance registry: employment, pension and employees.',
    })
    socialInsurance(@Root() about: RecordsOf, @Ctx() context: Context): Answering {
      return ask(socialInsurance, about, context)
    }

    @FieldResolver(() => TaxAnswer, { nullable: true, description: 'Answer of the tax service: debts.' })
    tax(@Root() about: RecordsOf, @Ctx() context: Context): Answering {
      return ask(tax, about, context)
    }
  }
  return RecordsOfBothResolver
}
export const PersonRecordsOfBothResolver = recordsOfBoth(
  PersonRecords,
  'Answer of the traffic police: penalty points, fines, vehicles and the driving licence.',
)
export const CompanyRecordsOfBothResolver = recordsOfBoth(
  CompanyRecords,
  'Answer of the traffic police: its vehicles and their fines.',
)

function narrowed(about: RecordsOf, vehicle: string | null | undefined) {
  if (vehicle == null) return about
  // A malformed plate could make the registry fail, and so open its breaker for everybody.
  if (!/^[\p{L}\p{N} -]{1,16}$/u.test(vehicle))
    throw badInput('`vehicle` is a plate: 1 to 16 letters, digits, spaces and hyphens.')
  return { ...about, vehicle }
}

/** The subject's right of access to their own data. */
const own = (party: string): RecordsOf => ({ party, purpose: 'OWN_DATA' })

@Resolver(() => Party)
export class RecordsOfPartyResolver {
  @FieldResolver(() => PersonRecords, {
    nullable: true,
    description:
      'Records of the person in registries. For the person, and for holders of the power VIEW over them for all ' +
      'services. Requires assurance SUBSTANTIAL; a program requires the scope `registries:read`. Null for an ' +
      'organisation, and for officers, who use `personRecords`.',
  })
  person(@Root() { id, kind }: { id: string; kind: PartyKind }, @Ctx() { caller }: Context): RecordsOf | null {
    return kind === PartyKind.NATURAL_PERSON && actsForParties(caller) ? own(id) : null
  }

  @FieldResolver(() => CompanyRecords, {
    nullable: true,
    description:
      'Records of the organisation in registries. For holders of the power VIEW over it for all services, and for its ' +
      'programs with the scope `registries:read`. Null for a person, and for officers, who use `companyRecords`.',
  })
  company(@Root() { id, kind }: { id: string; kind: PartyKind }, @Ctx() { caller }: Context): RecordsOf | null {
    return kind === PartyKind.LEGAL_ENTITY && actsForParties(caller) ? own(id) : null
  }
}

@Resolver(() => Viewer)
export class RecordsOfViewerResolver {
  @FieldResolver(() => PersonRecords, {
    nullable: true,
    description:
      'Records of the caller in registries. Requires assurance SUBSTANTIAL. Null if the caller is not a person.',
  })
  person(@Ctx() { caller }: Context): RecordsOf | null {
    return caller.kind === 'PERSON' ? own(caller.party) : null
  }
}
