import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { forms } from '../../src/catalogue/form.table.js'
import { services } from '../../src/catalogue/service.table.js'
import { serviceVersions } from '../../src/catalogue/serviceVersion.table.js'
import { events } from '../../src/events/event.table.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
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

describe('a service that is published', () => {
  it('stands in the catalogue with all its rules', async () => {
    const whole = `service { code name status statusNote audiences version { number validFrom validTo interaction
      opinionReference registerReference note form { schema ui source } legalBases { title article url }
      fees { variant money { amount currency } due note confidence source } processingTerms { value unit source }
      requiredDocuments { name mandatory obtainableFromRegistry { code } }
      steps { name content maximumValue maximumUnit agency { code } } } }`
    const { service, userErrors, replayed } = await publish(completeService('NEW-ONE', day), whole, { language: 'en' })
    expect({ userErrors, replayed }).toEqual({ userErrors: [], replayed: false })
    expect(service).toMatchObject({ code: 'NEW-ONE', name: 'NEW-ONE (en)', status: 'ACTIVE', statusNote: null })
    expect(service.version).toMatchObject({
      ...{ number: 1, validFrom: day, validTo: null, note: 'Note (en)', opinionReference: 'Opinion 1 of 2026-01-01' },
      fees: [
        { money: { amount: '12.50', currency: 'AZN' }, due: 'BEFORE_PROCESSING', confidence: 'SEEN_IN_SOURCE' },
        { money: { amount: '0.00', currency: 'AZN' }, due: 'NONE', note: 'Free (en)' },
      ],
      processingTerms: [{ value: 10, unit: 'WORKING_DAY', source: 'Norm 2' }],
      requiredDocuments: [{ name: 'Proof (en)', mandatory: true, obtainableFromRegistry: { code: 'POPULATION' } }],
      steps: [{ agency: { code: 'DVX' } }, { maximumValue: null, content: 'At the counter (en)', agency: null }],
      legalBases: [{ title: 'Law (en)', article: '38.6', url: 'https://example.org/law' }],
      form: { source: 'Norm 3', schema: { properties: { subject: { title: 'Subject (en)' } } } },
    })
    expect(await eventsOf('NEW-ONE')).toEqual([
      { type: 'service.published', actor: expect.stringMatching(/^operator:/) },
    ])
  })

  it('is found by a search at once', async () => {
    await publish(completeService('NEW-FOUND', day))
    const { data } = await ask('{ searchServices(text: "new found", first: 3) { nodes { service { code } } } }')
    expect(data.searchServices.nodes[0]?.service.code).toBe('NEW-FOUND')
  })

  it('gets its next rules, and what stood in those before stays', async () => {
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
    const { data } = await ask('{ service(code: "NEW-TWICE") { version { number } } }')
    day = '2026-12-01'
    expect(data.service.version.number).toBe(2)
  })

  it('goes its way as the norm says, under the next rules too until they say otherwise', async () => {
    const wayOf = async () =>
      (
        await ask(`{ service(code: "NEW-WAY") { version { process { coApplicants termEnd appealDays confidence source
          waiting { value unit } extension { value unit } proactive numbered registryDown } } } }`)
      ).data.service.version.process
    const publishWith = (more: object) =>
      publish({ ...completeService('NEW-WAY', day), version: { ...completeVersion(day), ...more } })
    await publishWith({})
    const usual = await wayOf()
    expect(usual).toMatchObject({ coApplicants: 0, termEnd: 'ESCALATED', confidence: 'GENERAL_KNOWLEDGE' })
    const process = { termEnd: 'DEEMED_APPROVED', waiting: { value: 3, unit: 'WORKING_DAY' }, extension: null }
    await publishWith({ process: { ...process, coApplicants: 1, source: 'Norm 9' } })
    const told = { ...usual, ...process, coApplicants: 1, confidence: 'SEEN_IN_SOURCE', source: 'Norm 9' }
    expect(await wayOf()).toEqual(told)
    await publishWith({})
    expect(await wayOf()).toEqual(told)
    await publishWith({ process: null })
    expect(await wayOf()).toEqual(usual)
  })

  it('is described otherwise without new rules, and what is left out stays', async () => {
    await publish(completeService('NEW-WORDS', day))
    const before = await serviceOf('NEW-WORDS')
    const name = { az: 'Düzgün ad', en: 'The right name', ru: 'Верное имя' }
    expect(await publish({ code: 'NEW-WORDS', name })).toMatchObject({ service: { status: 'ACTIVE' }, userErrors: [] })
    expect(await serviceOf('NEW-WORDS')).toEqual({
      ...{ ...before, name },
      ...{ nameAz: name.az, nameEn: name.en, nameRu: name.ru },
    })
    await publish({ code: 'NEW-WORDS', description: null })
    expect(await serviceOf('NEW-WORDS')).toMatchObject({ name, description: null, source: before?.source })
    const { data } = await ask('{ service(code: "NEW-WORDS") { versions { number } } }')
    expect(data.service.versions).toEqual([{ number: 1 }])
  })

  it('has as long a name as is allowed, in letters of four bytes', async () => {
    const long = (letter: string) => letter.repeat(500 / letter.length)
    const name = { az: long('\u{20000}'), en: long('ə'), ru: long('ж') }
    const description = { az: long('a').repeat(8), en: long('b').repeat(8), ru: long('c').repeat(8) }
    const { userErrors } = await publish({ ...completeService('NEW-LONG', day), name, description })
    expect(userErrors).toEqual([])
    expect(await serviceOf('NEW-LONG')).toMatchObject({ name, description })
  })

  it('under one code by two at once is one service with two versions', async () => {
    const answers = await Promise.all([1, 2].map(() => publish(completeService('NEW-RACE', day))))
    expect(answers.map(({ userErrors }) => userErrors)).toEqual([[], []])
    const { data } = await ask('{ service(code: "NEW-RACE") { versions { number validTo } } }')
    expect(data.service.versions).toEqual([
      { number: 2, validTo: null },
      { number: 1, validTo: day },
    ])
  })
})

describe('what is not whole is refused, and nothing is done', () => {
  const version = completeVersion(day)
  const [fee] = version.fees
  const [term] = version.terms
  const withVersion = (change: object) => ({ version: { ...version, ...change } })

  it.each<[string, object, [string, string, string]]>([
    ['a code nobody could say', { code: 'new one' }, ['INVALID', 'service.code', 'code']],
    ['an agency that is none', { agency: 'NONE' }, ['NOT_FOUND', 'agency.unknown', 'agency']],
    ['an occasion that is none', { lifeEvent: 'NONE' }, ['NOT_FOUND', 'life_event.unknown', 'lifeEvent']],
    ['for nobody', { audiences: [] }, ['MISSING', 'service.audiences', 'audiences']],
    ['seen nowhere', { source: ' ' }, ['MISSING', 'service.source', 'source']],
    ['without rules', { version: null }, ['MISSING', 'service.version', 'version']],
    ['no opinion', withVersion({ opinionReference: '' }), ['MISSING', 'version.opinion', 'version.opinionReference']],
    ['no entry', withVersion({ registerReference: '' }), ['MISSING', 'version.register', 'version.registerReference']],
    [
      'from yesterday',
      withVersion({ validFrom: '2026-11-30' }),
      ['INVALID', 'version.begins_in_the_past', 'version.validFrom'],
    ],
    ...(
      [
        ['coApplicants', 6, 'co_applicants'],
        ['appealDays', -1, 'appeal_days'],
        ['waiting', { value: 0, unit: 'INSTANT' }, 'waiting'],
        ['extension', { value: 1001, unit: 'MONTH' }, 'extension'],
        ['source', ' ', 'source'],
      ] as const
    ).map(([name, value, reason]): [string, object, [string, string, string]] => [
      `a way of a strange ${name}`,
      withVersion({ process: { source: 'Norm 9', [name]: value } }),
      [
        name === 'source' ? 'MISSING' : 'INVALID',
        `process.${reason}`,
        `version.process.${name}${typeof value === 'object' ? '.value' : ''}`,
      ],
    ]),
    ['without a form', withVersion({ form: null }), ['MISSING', 'version.form', 'version.form']],
    [
      'with a form that is no JSON',
      withVersion({ form: { ...version.form, schema: '{' } }),
      ['INVALID', 'version.form_does_not_compile', 'version.form'],
    ],
    [
      'with a form that fetches from elsewhere',
      withVersion({ form: { ...version.form, schema: '{"$ref":"https://example.org/x"}' } }),
      ['INVALID', 'version.form_does_not_compile', 'version.form'],
    ],
    [
      'with a section of no field',
      withVersion({ form: { ...version.form, sections: '[]' } }),
      ['INVALID', 'version.form_does_not_compile', 'version.form'],
    ],
    ['without fees', withVersion({ fees: [] }), ['MISSING', 'version.fees', 'version.fees']],
    ['without terms', withVersion({ terms: [] }), ['MISSING', 'version.terms', 'version.terms']],
    [
      'with more fees than anybody reads',
      withVersion({ fees: Array(31).fill(fee) }),
      ['INVALID', 'version.too_many', 'version.fees'],
    ],
    [
      'a fee of half a qəpik',
      withVersion({ fees: [{ ...fee, amount: '1.005' }] }),
      ['INVALID', 'fee.digits', 'version.fees.0.amount'],
    ],
    ['a fee never due', withVersion({ fees: [{ ...fee, due: 'NONE' }] }), ['INVALID', 'fee.due', 'version.fees.0.due']],
    [
      'a fee by no norm',
      withVersion({ fees: [{ ...fee, source: '' }] }),
      ['MISSING', 'fee.source', 'version.fees.0.source'],
    ],
    [
      'a term of no days',
      withVersion({ terms: [{ ...term, value: 0 }] }),
      ['INVALID', 'term.value', 'version.terms.0.value'],
    ],
    [
      'a registry that is none',
      withVersion({ documents: [{ ...version.documents[0], obtainableFromRegistry: 'NONE' }] }),
      ['NOT_FOUND', 'registry.unknown', 'version.documents.0.obtainableFromRegistry'],
    ],
    [
      'a step of nobody',
      withVersion({ steps: [{ ...version.steps[0], agency: 'NONE' }] }),
      ['NOT_FOUND', 'agency.unknown', 'version.steps.0.agency'],
    ],
    [
      'a step without a unit',
      withVersion({ steps: [{ ...version.steps[0], maximumUnit: null }] }),
      ['INVALID', 'step.maximum', 'version.steps.0.maximumValue'],
    ],
    [
      'a step that takes no time within some',
      withVersion({ steps: [{ ...version.steps[0], maximumUnit: 'INSTANT' }] }),
      ['INVALID', 'step.maximum', 'version.steps.0.maximumValue'],
    ],
    [
      'a step of five million years',
      withVersion({ steps: [{ ...version.steps[0], maximumValue: 2147483647 }] }),
      ['INVALID', 'step.maximum', 'version.steps.0.maximumValue'],
    ],
    [
      'a law behind a password',
      withVersion({ legalBases: [{ ...version.legalBases[0], url: 'https://user:word@example.org/' }] }),
      ['INVALID', 'legal_basis.url', 'version.legalBases.0.url'],
    ],
    [
      'a law behind a script',
      withVersion({ legalBases: [{ ...version.legalBases[0], url: 'javascript:alert(1)' }] }),
      ['INVALID', 'legal_basis.url', 'version.legalBases.0.url'],
    ],
  ])('%s', async (_, change, [code, reason, field]) => {
    const before = await db.$count(services)
    const answer = await publish({ ...completeService('NEW-REFUSED', day), ...change })
    expect(answer.service).toBeNull()
    expect(answer.userErrors.map((error: any) => [error.code, error.reason, error.field.join('.')])).toEqual([
      [code, reason, field],
    ])
    expect([await db.$count(services), await serviceOf('NEW-REFUSED')]).toEqual([before, undefined])
  })

  it('all of it is told at once, in the language of the caller', async () => {
    const input = {
      ...completeService('NEW-REFUSED', day),
      ...{ agency: 'NONE', audiences: [] },
      ...withVersion({ opinionReference: '', fees: [] }),
    }
    const { userErrors } = await publish(input, undefined, { language: 'ru' })
    expect(userErrors.map(({ message }: any) => message)).toEqual([
      'Такого кода нет: NONE.',
      'Укажите, для кого услуга.',
      'Укажите номер и дату заключения об услуге.',
      expect.stringContaining('Нужен хотя бы один'),
    ])
  })

  it('a new service of which all but a code is left out', async () => {
    const { userErrors } = await publish({ code: 'NEW-BARE', version })
    expect(userErrors.map((error: any) => [error.code, error.reason, ...error.field])).toEqual([
      ['MISSING', 'service.agency', 'agency'],
      ['MISSING', 'service.life_event', 'lifeEvent'],
      ['MISSING', 'service.name', 'name'],
      ['MISSING', 'service.audiences', 'audiences'],
      ['MISSING', 'service.direction', 'direction'],
      ['MISSING', 'service.source', 'source'],
    ])
  })

  const texts = (make: (text: string) => object) => [' ', 'a'.repeat(9000), 'a\ud800', 'a\0'].map(make)
  const inAll = (text: string) => ({ az: text, en: 'Text', ru: 'Text' })
  it.each<[string, (text: string) => object]>([
    ['name.az', (text) => ({ name: inAll(text) })],
    ['description.az', (text) => ({ description: inAll(text) })],
    ['version.note.az', (text) => withVersion({ note: inAll(text) })],
    ['version.fees.0.variant.az', (text) => withVersion({ fees: [{ ...fee, variant: inAll(text) }] })],
    ['version.fees.0.note.az', (text) => withVersion({ fees: [{ ...fee, note: inAll(text) }] })],
    ['version.terms.0.variant.az', (text) => withVersion({ terms: [{ ...term, variant: inAll(text) }] })],
    ['version.documents.0.name.az', (text) => withVersion({ documents: [{ name: inAll(text), mandatory: true }] })],
    ['version.steps.0.name.az', (text) => withVersion({ steps: [{ name: inAll(text) }] })],
    ['version.steps.0.content.az', (text) => withVersion({ steps: [{ name: inAll('a'), content: inAll(text) }] })],
    ['version.legalBases.0.title.az', (text) => withVersion({ legalBases: [{ title: inAll(text) }] })],
    ['version.legalBases.0.article', (text) => withVersion({ legalBases: [{ title: inAll('a'), article: text }] })],
    ['version.legalBases.0.url', (text) => withVersion({ legalBases: [{ title: inAll('a'), url: text }] })],
    ['version.form.source', (text) => withVersion({ form: { ...version.form, source: text } })],
    ['source', (text) => ({ source: text })],
    ['version.opinionReference', (text) => withVersion({ opinionReference: text })],
  ])('a text that is blank, too long or broken: %s', async (field, make) => {
    const answers = []
    for (const change of texts(make)) answers.push(await publish({ ...completeService('NEW-REFUSED', day), ...change }))
    expect(
      answers.map(({ userErrors }) => userErrors.map((error: any) => [error.code, error.field.join('.')])),
    ).toEqual(['MISSING', 'INVALID', 'INVALID', 'INVALID'].map((code) => [[code, field]]))
  })

  it('a form whose JSON writes what no text holds', async () => {
    for (const written of ['\\ud800', '\\u0000']) {
      const schema = version.form.schema.replace('Subject (az)', `Subject ${written}`)
      const { userErrors } = await publish({
        ...completeService('NEW-REFUSED', day),
        ...withVersion({ form: { ...version.form, schema } }),
      })
      expect(userErrors).toMatchObject([{ reason: 'version.form_does_not_compile' }])
    }
  })

  it('a code of another agency', async () => {
    await publish(completeService('NEW-THEIRS', day))
    const { userErrors } = await publish({ ...completeService('NEW-THEIRS', day), agency: 'DVX' })
    expect(userErrors).toMatchObject([{ reason: 'service.agency_differs' }])
  })
})

describe('who may publish', () => {
  const query = `mutation ($input: PublishServiceInput!) { publishService(input: $input) { replayed } }`
  const variables = { input: { idempotencyKey: 'a-key-of-nobody', ...completeService('NEW-NOBODY', day) } }

  it('is the operator, and nobody else', async () => {
    const { data, errors } = await ask(query, { variables })
    expect(data).toEqual({ publishService: null })
    expect(errors?.map(({ extensions: { code } }) => code)).toEqual(['UNAUTHENTICATED'])
    expect(await serviceOf('NEW-NOBODY')).toBeUndefined()
  })

  it('and sends a key of the command', async () => {
    const { errors } = await ask(query, { operator: true, variables: { input: completeService('NEW-NOBODY', day) } })
    expect(errors?.[0]?.message).toMatch(/idempotencyKey/)
  })
})
