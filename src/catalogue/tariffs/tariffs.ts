import { and, asc, desc, eq, gte, inArray, isNotNull, isNull, lte, or } from 'drizzle-orm'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Arg, Ctx, Extensions, ObjectType, Query, Resolver } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { badInput } from '../../engine/errors.js'
import { beforeDeadline } from '../../engine/statement.js'
import type { Database } from '../../platform/database.js'
import type { Calendar } from '../../shared/calendar.js'
import type { Context } from '../../shared/context.js'
import { calendarFrom } from '../../shared/dueAfter.js'
import { LegalDate } from '../../shared/scalars.js'
import { userErrorsInSize } from '../forms/answers.rules.js'
import { forms } from '../forms/form.table.js'
import { publicStatuses } from '../publishing/status.rules.js'
import { Audience } from '../services/audience.js'
import { processes } from '../services/process.table.js'
import { services } from '../services/service.table.js'
import { HandledAs, serviceVersions } from '../services/serviceVersion.table.js'
import { usualProcess } from '../services/usualProcess.js'
import { FeeDue, fees } from './fee.table.js'
import { processingTerms, TermPurpose } from './processingTerm.table.js'
import { Tariff } from './tariff.js'
import { possibleTariffs } from './tariff.rules.js'
import { tariffs } from './tariff.table.js'
import { dueOf, officerTerm } from './term.rules.js'

@AllowedTo(anyone)
@Stored(tariffs, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A tariff that fits some answers.' })
export class TariffOffer {}
fields(TariffOffer, {
  tariff: one(Tariff, tariffs.id, { nullable: false, description: 'Tariff with its fees and terms.' }),
  dueOn: carried(() => LegalDate, 'dueOn', {
    nullable: true,
    description:
      'Last day of the decision if the application is submitted, and paid if a payment is due before registration, now. Null if ' +
      'the term is unknown, or the agency must assess an amount first.',
  }),
})

@Resolver()
export class TariffsResolver {
  @AllowedTo(anyone)
  @Extensions({ points: 5 })
  @Query(() => [TariffOffer], {
    nullable: true,
    description:
      'Finds what a service costs and how long it takes, for the version in force. Complete answers leave one tariff; with ' +
      'fewer, it lists those that are still possible. Empty if the answers fit none, or the service has no version in force. ' +
      'Null if there is no such public service. Returns BAD_USER_INPUT if the answers are too large or too deep.',
  })
  async tariffs(
    @Arg('service', () => String, { description: 'Code of the service, such as `DIN-ID-ISSUE`.' }) code: string,
    @Arg('answers', () => GraphQLJSONObject, {
      nullable: true,
      description:
        'Answers as in a draft, by the form of the version or its `tariffQuestions`. Only those that tariffs depend on matter. ' +
        'An age follows from the answer at one of the `birthDates` of the version.',
    })
    given: Record<string, unknown> | null | undefined,
    @Arg('applicant', () => Audience, {
      nullable: true,
      description: 'Kind of applicant. Omit to include all kinds that the tariffs distinguish.',
    })
    applicant: Audience | null | undefined,
    @Ctx() context: Context,
  ): Promise<object[] | null> {
    const answers = given ?? {}
    if (userErrorsInSize(answers).length > 0)
      throw badInput('`answers` must be a JSON object of at most 50 levels and 128 KiB, as in a draft.')
    const { database, deadline, today, now } = context
    return await beforeDeadline(deadline, async () => {
      const found = await findVersion(database.db, code, today)
      if (!found?.version) return found ? [] : null
      const { version, form, process } = found
      const all = await findTariffs(database.db, version.id)
      const situation = { answers, applicant: applicant ?? undefined, today, isComplete: false }
      const schema = form?.schema ?? version.tariffQuestions ?? undefined
      const possible = possibleTariffs(all, schema, version.birthDates, situation)
      const calendar = await calendarFrom(database.db, today)
      return possible.map((tariff) => ({
        id: tariff.id,
        dueOn: dueOnBy(tariff, { version, process: process ?? usualProcess, calendar, now: now() }),
      }))
    })
  }
}

type Reading = Database['db']

/** A public service, with its version in force if there is one. */
async function findVersion(db: Reading, code: string, today: string) {
  const { serviceId, validFrom, validTo, withdrawnAt, number } = serviceVersions
  const holds = and(lte(validFrom, today), or(isNull(validTo), gte(validTo, today)), isNull(withdrawnAt))
  const [found] = await db
    .select({ version: serviceVersions, form: forms, process: processes })
    .from(services)
    .leftJoin(serviceVersions, and(eq(serviceId, services.id), holds))
    .leftJoin(forms, eq(forms.versionId, serviceVersions.id))
    .leftJoin(processes, eq(processes.versionId, serviceVersions.id))
    .where(and(eq(services.code, code), inArray(services.status, [...publicStatuses])))
    .orderBy(desc(number))
    .limit(1)
  return found
}

/** The tariffs of a version, each with its term and whether its amount must be assessed before the registration. */
async function findTariffs(db: Reading, versionId: string) {
  const rows = await db
    .select({ tariff: tariffs, term: processingTerms })
    .from(tariffs)
    .leftJoin(
      processingTerms,
      and(eq(processingTerms.tariffId, tariffs.id), eq(processingTerms.purpose, TermPurpose.DECISION)),
    )
    .where(eq(tariffs.versionId, versionId))
    .orderBy(asc(tariffs.position))
  const unknown = await db
    .selectDistinct({ tariffId: fees.tariffId })
    .from(fees)
    .innerJoin(tariffs, eq(tariffs.id, fees.tariffId))
    .where(
      and(
        eq(tariffs.versionId, versionId),
        eq(fees.due, FeeDue.BEFORE_REGISTRATION),
        or(isNull(fees.amount), isNotNull(fees.per)),
      ),
    )
  const assessed = new Set(unknown.map(({ tariffId }) => tariffId))
  return rows.map(({ tariff, term }) => ({ ...tariff, term, isAssessed: assessed.has(tariff.id) }))
}
type Found = Awaited<ReturnType<typeof findTariffs>>[number]

interface By {
  version: Pick<typeof serviceVersions.$inferSelect, 'handledAs'>
  process: Parameters<typeof dueOf>[3]
  calendar: Calendar
  now: Date
}
function dueOnBy({ term, isAssessed }: Found, { version, process, calendar, now }: By): string | null {
  if (isAssessed || !term || term.value === null) return null
  const given = { value: term.value, unit: term.unit }
  const own = version.handledAs === HandledAs.APPLICATION ? officerTerm(given) : given
  const { due } = dueOf(calendar, { cameAt: now }, own, process)
  return due?.dueOn ?? null
}
