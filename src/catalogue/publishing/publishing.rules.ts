import type { UserError } from '../../engine/userError.js'
import { longest, refusalsOfText, refusalsOfWords } from '../../shared/texts.rules.js'
import { momentOf } from '../../shared/time.js'
import { invalid, missing, unknownCode } from '../../shared/userErrors.js'
import { ServiceStatus, type services } from '../services/service.table.js'
import type { PublishServiceInput } from './publishService.input.js'
import { type KnownOfVersion, noSource, refusalsOfVersion } from './version.rules.js'

type Row = typeof services.$inferSelect

/** What is known of what the input names, read under the service's lock. */
export interface Known extends KnownOfVersion {
  agencyId: string | undefined
  lifeEventId: string | undefined
  service: Pick<Row, 'agencyId' | 'status'> | undefined
  /** Whether rules are in force today. */
  hasRules: boolean
}

/** Everything that stands against publishing it, at once. */
export const refusalsToPublish = (input: PublishServiceInput, known: Known): UserError[] =>
  [...refusalsOfService(input, known), ...(input.version ? refusalsOfVersion(input.version, known) : [])].filter(
    (userError) => userError !== false,
  )

/** Of what lasts, what is left out stays as it is; of a new service nothing may be left out but its description. */
const lasting = ['agency', 'lifeEvent', 'name', 'audiences', 'direction', 'source'] as const

function refusalsOfService(input: PublishServiceInput, known: Known): (UserError | false)[] {
  const { service } = known
  return [
    !/^[A-Z][A-Z0-9_-]{1,59}$/.test(input.code) &&
      invalid('service.code', ['code'], {
        az: 'Kod 2–60 işarədən ibarətdir: latın böyük hərfləri, rəqəmlər, - və _; hərflə başlayır.',
        en: 'A code has 2 to 60 characters, capital Latin letters, digits, - and _, and begins with a letter.',
        ru: 'Код состоит из 2–60 знаков: заглавные латинские буквы, цифры, - и _; начинается с буквы.',
      }),
    ...lasting.map(
      (name) => !service && input[name] == null && missing(`service.${snakeCase(name)}`, [name], wantedOfNew),
    ),
    input.agency != null && !known.agencyId && unknownCode('agency', ['agency'], input.agency),
    input.lifeEvent != null && !known.lifeEventId && unknownCode('life_event', ['lifeEvent'], input.lifeEvent),
    input.audiences?.length === 0 &&
      missing('service.audiences', ['audiences'], {
        az: 'Xidmətin kimin üçün olduğunu göstərin.',
        en: 'Say whom the service is for.',
        ru: 'Укажите, для кого услуга.',
      }),
    ...refusalsOfWords(['name'], input.name, longest.name),
    ...refusalsOfWords(['description'], input.description, longest.prose),
    ...refusalsOfText(['source'], input.source, longest.reference, noSource('service')),
    service?.status === ServiceStatus.RETIRED && retired,
    service !== undefined &&
      known.agencyId !== undefined &&
      service.agencyId !== known.agencyId &&
      invalid('service.agency_differs', ['agency'], {
        az: 'Bu kod başqa qurumun xidmətinə aiddir.',
        en: 'This code is of a service of another agency.',
        ru: 'Этот код принадлежит услуге другого органа.',
      }),
    !input.version && !needsNoVersion(known) && missing('service.version', ['version'], wantedRules),
  ]
}

/** What can be asked for is described otherwise, and what is suspended has rules to come back to. */
const needsNoVersion = ({ service, hasRules }: Known) =>
  service?.status === ServiceStatus.RETIRED || // told already
  service?.status === ServiceStatus.ACTIVE ||
  (service?.status === ServiceStatus.SUSPENDED && hasRules)

type StatusColumns = Pick<Row, 'status' | 'statusNote' | 'suspendedUntil'>
/**
 * Where it stands once it is published. It can be asked for as long as there are rules for it: until new ones begin, those
 * that an active one has; what was suspended, or is new, waits for the day of its own.
 */
export function standingOf(
  service: StatusColumns | undefined,
  { validFrom, today, hasRules }: { validFrom: string | undefined; today: string; hasRules: boolean },
): StatusColumns {
  const isActive = service?.status === ServiceStatus.ACTIVE
  if (validFrom === undefined || validFrom <= today || (isActive && hasRules))
    return { status: ServiceStatus.ACTIVE, statusNote: null, suspendedUntil: null }
  const statusNote = service?.status === ServiceStatus.SUSPENDED ? service.statusNote : null
  return { status: ServiceStatus.SUSPENDED, statusNote, suspendedUntil: beginningOf(validFrom) }
}
export const beginningOf = (date: string): Date => momentOf(date, '00:00:00')

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const wantedOfNew = {
  az: 'Yeni xidmət üçün bu verilməlidir.',
  en: 'A new service is given this.',
  ru: 'Для новой услуги это нужно указать.',
}
const wantedRules = {
  az: 'Xidmətin qaydalarını verin; onlarsız yalnız qüvvədə qaydaları olan xidmət dərc edilir.',
  en: 'Give the rules of the service; only one that has rules in force is published without.',
  ru: 'Укажите правила услуги; без них публикуется только та, у которой есть действующие правила.',
}
const retired: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'service.retired',
  field: ['code'],
  message: {
    az: 'Bu xidmət ləğv edilib; yeni xidmətə yeni kod verin.',
    en: 'This service is retired; give a new one a code of its own.',
    ru: 'Эта услуга упразднена; дайте новой услуге новый код.',
  },
}
