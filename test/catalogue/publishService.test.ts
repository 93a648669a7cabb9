import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { forms } from '../../src/catalogue/forms/form.table.js'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { events } from '../../src/events/event.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { dataFiles } from '../support/dataFiles.js'
import { commanded, completeService, completeVersion } from '../support/published.js'

const database = await cloneDatabase()
const { db } = database
let day = '2026-12-01'
const ask = await apiOf(database, { now: () => new Date(`${day}T10:00:00+04:00`) })
const publish = (input: object, selection?: string, asking?: { language: string }) =>
  commanded(ask, 'publishService', input, selection, asking)
const serviceOf = async (code: string) => (await db.select().from(services).where(eq(services.code, code)))[0]
const eventsOf = async (code: string) => {
  const id = (await serviceOf(code))?.id ?? ''
  return (await db.select().from(events).where(eq(events.subject, id))).map(({ type, actor }) => ({ type, actor }))
}

const name = { az: 'Düzgün ad', en: 'The right name', ru: 'Верное имя' }

describe('publishService', () => {
  it('adds a service with all its rules', async () => {
    const whole = `service { code name status statusNote audiences currentVersion { number validFrom validTo interaction
      opinionReference registerReference note form { schema ui source } legalBases { title article url } refusalGrounds { code text norm confidence }
      tariffs { code name requires { answers { at in } applicants minimumAge } terms { purpose value unit source }
        fees { name kind money { amount currency } due note confidence source budget { classification level } } }
      requiredDocuments { code name mandatory obtainableFromRegistry { code } }
      steps { name content maximumValue maximumUnit agency { code } } } }`
    const { service, userErrors, replayed } = await publish(completeService('NEW-ONE', day), whole, { language: 'en' })
    expect({ userErrors, replayed }).toEqual({ userErrors: [], replayed: false })
    expect(service).toMatchObject({ code: 'NEW-ONE', name: 'NEW-ONE (en)', status: 'ACTIVE', statusNote: null })
    expect(service.currentVersion).toMatchObject({
      number: 1,
      validFrom: day,
      validTo: null,
      note: 'Note (en)',
      opinionReference: 'Opinion 1 of 2026-01-01',
      tariffs: [
        {
          code: 'STANDARD',
          requires: { answers: [{ at: '/free', in: ['false'] }], applicants: null, minimumAge: null },
          fees: [
            {
              kind: 'STATE_DUTY',
              money: { amount: '12.50', currency: 'AZN' },
              due: 'BEFORE_REGISTRATION',
              confidence: 'SEEN_IN_SOURCE',
              budget: { classification: '142151', level: null },
            },
          ],
          terms: [{ purpose: 'DECISION', value: 10, unit: 'WORKING_DAY', source: 'Norm 2' }],
        },
        { fees: [{ money: { amount: '0.00', currency: 'AZN' }, due: null, note: 'Free (en)' }] },
      ],
      requiredDocuments: [
        { code: 'PROOF', name: 'Proof (en)', mandatory: true, obtainableFromRegistry: { code: 'POPULATION' } },
      ],
      steps: [{ agency: { code: 'DVX' } }, { maximumValue: null, content: 'At the counter (en)', agency: null }],
      legalBases: [{ title: 'Law (en)', article: '38.6', url: 'https://example.org/law' }],
      refusalGrounds: expect.arrayContaining([
        { code: 'LATE', text: 'Too late (en)', norm: 'Norm 4 (en)', confidence: 'SEEN_IN_SOURCE' },
        expect.objectContaining({ code: 'FALSE_DATA', confidence: 'GENERAL_KNOWLEDGE' }),
      ]),
      form: { source: 'Norm 3', schema: { properties: { subject: { title: 'Subject (en)' } } } },
    })
    expect(await eventsOf('NEW-ONE')).toEqual([
      { type: 'service.published', actor: expect.stringMatching(/^operator:/) },
    ])
  })

  it('makes the service searchable at once', async () => {
    await publish(completeService('NEW-FOUND', day))
    const { data } = await ask('{ searchServices(text: "new found", first: 3) { nodes { service { code } } } }')
    expect(data.searchServices.nodes[0]?.service.code).toBe('NEW-FOUND')
  })

  it('adds the next version and leaves the earlier one unchanged', async () => {
    await publish(completeService('NEW-TWICE', day))
    const rulesOf = async () =>
      db
        .select()
        .from(serviceVersions)
        .leftJoin(forms, eq(forms.versionId, serviceVersions.id))
        .where(eq(serviceVersions.serviceId, (await serviceOf('NEW-TWICE'))?.id ?? ''))
        .orderBy(serviceVersions.number)
    const [before] = await rulesOf()
    await publish({ ...completeService('NEW-TWICE', day), version: completeVersion('2027-01-01') })
    const [first, second, ...more] = await rulesOf()
    expect(first).toEqual({
      ...before,
      service_versions: { ...before?.service_versions, validTo: '2026-12-31' },
    })
    expect([second?.service_versions.number, second?.service_versions.validFrom, more]).toEqual([2, '2027-01-01', []])
    day = '2027-01-01'
    const { data } = await ask('{ service(code: "NEW-TWICE") { currentVersion { number } } }')
    day = '2026-12-01'
    expect(data.service.currentVersion.number).toBe(2)
  })

  it('keeps the process of the earlier version until a version changes it', async () => {
    const processOf = async () =>
      (
        await ask(`{ service(code: "NEW-PROCESS") { currentVersion { process { coApplicants termEnd termEndNorm appealDays confidence source
          waiting { value unit } extension appealTerm { value unit } transferTerm { value unit } proactive numbered registryDown } } } }`)
      ).data.service.currentVersion.process
    const publishRules = (more: object) =>
      publish({ ...completeService('NEW-PROCESS', day), version: { ...completeVersion(day), ...more } })
    await publishRules({})
    const usual = await processOf()
    expect(usual).toMatchObject({ coApplicants: 0, termEnd: 'ESCALATED', confidence: 'GENERAL_KNOWLEDGE' })
    const process = {
      termEnd: 'DEEMED_APPROVED',
      waiting: { value: 3, unit: 'WORKING_DAY' },
      extension: 0,
      appealTerm: null,
    }
    const termEndNorm = { az: 'Norma 9', en: 'Norm 9', ru: 'Норма 9' }
    await publishRules({ process: { ...process, termEndNorm, coApplicants: 1, source: 'Norm 9' } })
    const changed = {
      ...usual,
      ...process,
      termEndNorm: 'Norma 9',
      coApplicants: 1,
      confidence: 'SEEN_IN_SOURCE',
      source: 'Norm 9',
    }
    expect(await processOf()).toEqual(changed)
    await publishRules({})
    expect(await processOf()).toEqual(changed)
    await publishRules({ process: null })
    expect(await processOf()).toEqual(usual)
  })

  it('keeps the filing rule of the earlier version, and its typed content while the form is the same', async () => {
    const ruleAfter = async (change: object) => {
      await publish({
        code: 'DVX-RETURN',
        version: { ...completeVersion(day), handledAs: 'FILING', requiredDocuments: [], ...change },
      })
      const { data } = await ask(`{ service(code: "DVX-RETURN") { currentVersion { filing {
        period onePerPeriod acknowledgedBy correctionValue correctionUnit typedAs confidence } } } }`)
      return data.service.currentVersion.filing
    }
    const seeded = {
      period: 'MONTH',
      onePerPeriod: true,
      acknowledgedBy: 'RULE',
      correctionValue: 36,
      correctionUnit: 'MONTH',
      typedAs: 'vatReturn2026',
      confidence: 'GENERAL_KNOWLEDGE',
    }
    const [stored] = await db
      .select({ schema: forms.schema })
      .from(forms)
      .innerJoin(serviceVersions, eq(forms.versionId, serviceVersions.id))
      .where(eq(serviceVersions.serviceId, (await serviceOf('DVX-RETURN'))?.id ?? ''))
    const sections = JSON.stringify(dataFiles().forms['DVX-RETURN']?.ui.sections)
    const [, free] = completeVersion(day).tariffs
    const sameForm = {
      form: { schema: JSON.stringify(stored?.schema), sections, source: 'Norm 3' },
      tariffs: [{ ...free, requires: null }],
    }
    expect(await ruleAfter(sameForm)).toEqual(seeded)
    const rule = { period: 'NONE', onePerPeriod: false, acknowledgedBy: 'AGENCY', source: 'Norm 9' }
    const { source, ...given } = rule
    const shown = { ...given, correctionValue: null, correctionUnit: null, confidence: 'SEEN_IN_SOURCE' }
    expect(await ruleAfter({ ...sameForm, filing: rule })).toEqual({ ...shown, typedAs: 'vatReturn2026' })
    expect(await ruleAfter({})).toEqual({ ...shown, typedAs: null })
  })

  it('keeps the grounds for refusal of the earlier version until a version changes them', async () => {
    const groundsAfter = async (more: object) => {
      const { refusalGrounds: _, ...rules } = completeVersion(day)
      await publish({ ...completeService('NEW-GROUNDS', day), version: { ...rules, ...more } })
      const { data } = await ask('{ service(code: "NEW-GROUNDS") { currentVersion { refusalGrounds { code } } } }')
      return data.service.currentVersion.refusalGrounds.map(({ code }: { code: string }) => code)
    }
    const usual = [
      'CONDITIONS_NOT_MET',
      'FALSE_DATA',
      'DOCUMENTS_MISSING',
      'NO_POWER',
      'NOT_COMPETENT',
      'ALREADY_DECIDED',
    ]
    expect(await groundsAfter({})).toEqual(usual)
    const { refusalGrounds } = completeVersion(day)
    expect(await groundsAfter({ refusalGrounds })).toEqual(['LATE', ...usual])
    expect(await groundsAfter({})).toEqual(['LATE', ...usual])
    expect(await groundsAfter({ refusalGrounds: null })).toEqual(usual)
  })

  it('changes the given texts alone and adds no version', async () => {
    await publish(completeService('NEW-WORDS', day))
    const before = await serviceOf('NEW-WORDS')
    expect(await publish({ code: 'NEW-WORDS', name })).toMatchObject({ service: { status: 'ACTIVE' }, userErrors: [] })
    expect(await serviceOf('NEW-WORDS')).toEqual({
      ...before,
      name,
      nameAz: name.az,
      nameEn: name.en,
      nameRu: name.ru,
    })
    await publish({ code: 'NEW-WORDS', searchWords: { az: 'qırmızı kitab', en: 'red book', ru: 'красная книга' } })
    const query = '{ searchServices(text: "qirmizi kitab", first: 1) { nodes { service { code } } } }'
    expect((await ask(query)).data.searchServices.nodes).toEqual([{ service: { code: 'NEW-WORDS' } }])
    await publish({ code: 'NEW-WORDS', description: null })
    expect(await serviceOf('NEW-WORDS')).toMatchObject({ name, description: null, source: before?.source })
    const { data } = await ask('{ service(code: "NEW-WORDS") { versions { number } } }')
    expect(data.service.versions).toEqual([{ number: 1 }])
  })

  it('accepts the longest name and description, also in letters of four bytes', async () => {
    const long = (letter: string) => letter.repeat(500 / letter.length)
    const name = { az: long('\u{20000}'), en: long('ə'), ru: long('ж') }
    const description = { az: long('a').repeat(8), en: long('b').repeat(8), ru: long('c').repeat(8) }
    const { userErrors } = await publish({ ...completeService('NEW-LONG', day), name, description })
    expect(userErrors).toEqual([])
    expect(await serviceOf('NEW-LONG')).toMatchObject({ name, description })
  })

  it('makes one service with two versions when two publish under one code at once', async () => {
    const answers = await Promise.all([1, 2].map(() => publish(completeService('NEW-RACE', day))))
    expect(answers.map(({ userErrors }) => userErrors)).toEqual([[], []])
    const { data } = await ask('{ service(code: "NEW-RACE") { versions { number validTo } } }')
    expect(data.service.versions).toEqual([
      { number: 2, validTo: null },
      { number: 1, validTo: day },
    ])
  })

  it('rejects all errors at once, in the language of the request', async () => {
    const before = await db.$count(services)
    const { service, userErrors } = await publish(
      {
        ...completeService('NEW-REFUSED', day),
        agencyCode: 'NONE',
        audiences: [],
        version: { ...completeVersion(day), opinionReference: '', tariffs: [] },
      },
      undefined,
      { language: 'ru' },
    )
    expect(service).toBeNull()
    expect(userErrors.map(({ message }: any) => message)).toEqual([
      'Такого органа нет: NONE.',
      'Укажите, для кого услуга: хотя бы одну группу.',
      'Укажите номер и дату положительного заключения об электронной услуге.',
      expect.stringContaining('Укажите хотя бы один тариф'),
    ])
    expect(await db.$count(services)).toBe(before)
  })

  it('rejects a form that fetches from elsewhere', async () => {
    const version = completeVersion(day)
    const { userErrors } = await publish({
      ...completeService('NEW-REFUSED', day),
      version: { ...version, form: { ...version.form, schema: '{"$ref":"https://example.org/x"}' } },
    })
    const field = ['version', 'form', 'schema']
    expect(userErrors).toMatchObject([{ reason: 'version.form_does_not_compile', field }])
  })

  it('rejects a form that takes too long to compile, and says how large one may be', async () => {
    const version = completeVersion(day)
    const schema = JSON.parse(version.form.schema)
    const [field] = Object.values(schema.properties)
    const properties = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`p${n}`, field]))
    const { userErrors } = await publish({
      ...completeService('NEW-REFUSED', day),
      version: {
        ...version,
        form: { ...version.form, schema: JSON.stringify({ ...schema, required: undefined, properties }) },
      },
    })
    expect(userErrors).toMatchObject([
      {
        reason: 'version.form_too_large',
        field: ['version', 'form', 'schema'],
        message: expect.stringMatching(/3200.*6009/),
        params: [
          { name: 'allowed', value: '3200' },
          { name: 'found', value: '6009' },
        ],
      },
    ])
  })

  it('rejects an unknown registry and an unknown agency of a step', async () => {
    const { userErrors } = await publish({
      ...completeService('NEW-REFUSED', day),
      version: {
        ...completeVersion(day),
        requiredDocuments: [{ code: 'PROOF', name, mandatory: true, obtainableFromRegistryCode: 'NONE' }],
        steps: [{ name, agencyCode: 'NONE' }],
      },
    })
    expect(userErrors).toMatchObject([{ reason: 'registry.unknown' }, { reason: 'agency.unknown' }])
  })

  it('rejects a code of another agency', async () => {
    await publish(completeService('NEW-THEIRS', day))
    const { userErrors } = await publish({ ...completeService('NEW-THEIRS', day), agencyCode: 'DVX' })
    expect(userErrors).toMatchObject([{ reason: 'service.agency_differs' }])
  })
})
