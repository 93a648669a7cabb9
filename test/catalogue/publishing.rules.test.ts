import { describe, expect, it } from 'vitest'
import { formOfTexts } from '../../src/catalogue/forms/formFiles.js'
import { type Known, userErrorsInPublication } from '../../src/catalogue/publishing/publishing.rules.js'
import type { PublishServiceInput } from '../../src/catalogue/publishing/publishService.input.js'
import { Confidence } from '../../src/platform/confidence.table.js'
import { completeService, completeVersion } from '../support/published.js'

const today = '2026-12-01'
const version = completeVersion(today)
const form = {
  ...formOfTexts(version.form.schema, version.form.sections),
  confidence: Confidence.SEEN_IN_SOURCE,
  source: version.form.source,
}
const agencies = new Map([
  ['DIN', 'din'],
  ['DVX', 'dvx'],
])

/** Of a new service that lacks nothing, but for the change: code, reason and field of each. */
function refusalsOf(change: object, known: Partial<Known> = {}) {
  // The cast: a change may be anything that GraphQL lets through.
  const input = { ...completeService('NEW', today), ...change } as unknown as PublishServiceInput
  const all: Known = {
    today,
    agencies,
    registries: new Map([['POPULATION', 'population']]),
    agencyId: agencies.get(input.agencyCode ?? ''),
    lifeEventId: input.lifeEventCode === 'HOUSING' ? 'housing' : undefined,
    service: undefined,
    hasRules: false,
    hasFilingRule: false,
    form: input.version?.form ? form : undefined,
    ...known,
  }
  return userErrorsInPublication(input, all).map(({ code, reason, field }) => [code, reason, field?.join('.')])
}

describe('refusalsToPublish', () => {
  const [tariff] = version.tariffs
  const [fee] = tariff?.fees ?? []
  const [term] = tariff?.terms ?? []
  const withVersion = (change: object) => ({ version: { ...version, ...change } })
  const withTariff = (change: object) => withVersion({ tariffs: [{ ...tariff, ...change }, version.tariffs[1]] })
  const rule = {
    period: 'MONTH',
    onePerPeriod: true,
    acknowledgedBy: 'RULE',
    correctionValue: 1,
    correctionUnit: 'MONTH',
    source: 'Norm 9',
  }
  const filed = { handledAs: 'FILING', requiredDocuments: [] }
  const withRule = (change: object) => withVersion({ ...filed, filing: { ...rule, ...change } })
  const whenFree = (...options: string[]) => withTariff({ requires: { answers: [{ at: '/free', in: options }] } })

  it('accepts a complete service', () => {
    expect(refusalsOf({})).toEqual([])
  })

  it.each<[string, object, [string, string, string]]>([
    ['a code in lower case with a space', { code: 'new one' }, ['INVALID', 'service.code', 'code']],
    ['an unknown agency', { agencyCode: 'NONE' }, ['NOT_FOUND', 'agency.unknown', 'agencyCode']],
    ['an unknown life event', { lifeEventCode: 'NONE' }, ['NOT_FOUND', 'life_event.unknown', 'lifeEventCode']],
    ['no audience', { audiences: [] }, ['MISSING', 'service.audiences', 'audiences']],
    ['a blank source', { source: ' ' }, ['MISSING', 'service.source', 'source']],
    ['a new service without a version', { version: null }, ['MISSING', 'service.version', 'version']],
    [
      'a version without an opinion',
      withVersion({ opinionReference: '' }),
      ['MISSING', 'version.opinion', 'version.opinionReference'],
    ],
    [
      'a version without an entry in the register',
      withVersion({ registerReference: '' }),
      ['MISSING', 'version.register', 'version.registerReference'],
    ],
    [
      'a version from yesterday',
      withVersion({ validFrom: '2026-11-30' }),
      ['INVALID', 'version.begins_in_the_past', 'version.validFrom'],
    ],
    ...(
      [
        ['coApplicants', 6, 'co_applicants'],
        ['appealDays', -1, 'appeal_days'],
        ['objectionDays', 366, 'objection_days'],
        ['waiting', { value: 0, unit: 'INSTANT' }, 'waiting'],
        ['extension', 1001, 'extension'],
        ['appealTerm', { value: 0, unit: 'MONTH' }, 'appeal_term'],
        ['transferTerm', { value: 1001, unit: 'WORKING_DAY' }, 'transfer_term'],
        ['source', ' ', 'source'],
      ] as const
    ).map(([name, value, reason]): [string, object, [string, string, string]] => [
      `a process with an invalid ${name}`,
      withVersion({ process: { source: 'Norm 9', [name]: value } }),
      [
        name === 'source' ? 'MISSING' : 'INVALID',
        `process.${reason}`,
        `version.process.${name}${typeof value === 'object' ? '.value' : ''}`,
      ],
    ]),
    [
      'an addressee that the form does not ask for',
      withVersion({ process: { source: 'Norm 9', addressee: '/nowhere' } }),
      ['INVALID', 'process.addressee', 'version.process.addressee'],
    ],
    [
      'a deemed approval without its legal norm',
      withVersion({ process: { source: 'Norm 9', termEnd: 'DEEMED_APPROVED' } }),
      ['MISSING', 'process.term_end_norm', 'version.process.termEndNorm'],
    ],
    ['an interactive service without a form', withVersion({ form: null }), ['MISSING', 'version.form', 'version.form']],
    [
      'a service that only informs and takes payments',
      withVersion({ interaction: 'INFORMATIVE', handledAs: 'PAYMENT' }),
      ['INVALID', 'version.handled_as', 'version.handledAs'],
    ],
    ['a filing without a rule', withVersion(filed), ['MISSING', 'filing_rule.missing', 'version.filing']],
    [
      'a rule for filings of a service that takes applications',
      withVersion({ filing: rule }),
      ['INVALID', 'filing_rule.not_allowed', 'version.filing'],
    ],
    [
      'a filing with a document to attach',
      withVersion({ handledAs: 'FILING', filing: rule }),
      ['INVALID', 'filing_rule.documents', 'version.requiredDocuments'],
    ],
    [
      'one filing for each period without a period',
      withRule({ period: 'NONE' }),
      ['INVALID', 'filing_rule.one_per_period', 'version.filing.onePerPeriod'],
    ],
    [
      'a time for corrections without its unit',
      withRule({ correctionUnit: null }),
      ['INVALID', 'filing_rule.correction', 'version.filing.correctionValue'],
    ],
    [
      'a time for corrections in working days',
      withRule({ correctionUnit: 'WORKING_DAY' }),
      ['INVALID', 'filing_rule.correction', 'version.filing.correctionValue'],
    ],
    [
      'a time for corrections of no days',
      withRule({ correctionValue: 0 }),
      ['INVALID', 'filing_rule.correction', 'version.filing.correctionValue'],
    ],
    [
      'a rule for filings without a source',
      withRule({ source: ' ' }),
      ['MISSING', 'filing_rule.source', 'version.filing.source'],
    ],
    ['a version without tariffs', withVersion({ tariffs: [] }), ['MISSING', 'version.tariffs', 'version.tariffs']],
    [
      'more than 30 tariffs',
      withVersion({ tariffs: Array.from({ length: 31 }, (_, at) => ({ ...tariff, code: `T${at}`, requires: null })) }),
      ['INVALID', 'version.too_many', 'version.tariffs'],
    ],
    ['a tariff without fees', withTariff({ fees: [] }), ['MISSING', 'tariff.fees', 'version.tariffs.0.fees']],
    ['a tariff without a term', withTariff({ terms: [] }), ['MISSING', 'tariff.terms', 'version.tariffs.0.terms']],
    [
      'a tariff with six fees',
      withTariff({ fees: Array.from({ length: 6 }, (_, at) => ({ ...fee, code: `F${at}` })) }),
      ['INVALID', 'version.too_many', 'version.tariffs.0.fees'],
    ],
    [
      'a code of a tariff in small letters',
      withTariff({ code: 'one' }),
      ['INVALID', 'tariff.code', 'version.tariffs.0.code'],
    ],
    [
      'two tariffs of one code',
      withTariff({ code: 'FREE' }),
      ['INVALID', 'tariff.code_twice', 'version.tariffs.1.code'],
    ],
    [
      'two fees of one code',
      withTariff({ fees: [fee, fee] }),
      ['INVALID', 'fee.code_twice', 'version.tariffs.0.fees.1.code'],
    ],
    [
      'two terms of one purpose',
      withTariff({ terms: [term, term] }),
      ['INVALID', 'term.purpose_twice', 'version.tariffs.0.terms.1.purpose'],
    ],
    [
      'ages the wrong way round',
      withTariff({ requires: { minimumAge: 18, belowAge: 18 } }),
      ['INVALID', 'tariff.age', 'version.tariffs.0.requires.belowAge'],
    ],
    [
      'a tariff by age without a date of birth',
      withTariff({ requires: { answers: [{ at: '/free', in: ['false'] }], minimumAge: 18 } }),
      ['MISSING', 'tariff.no_birth_date', 'version.birthDates'],
    ],
    [
      'a date of birth that the form does not ask',
      withVersion({ birthDates: ['/subject'] }),
      ['INVALID', 'tariff.birth_date', 'version.birthDates'],
    ],
    [
      'a tariff by a question with free text',
      withTariff({ requires: { answers: [{ at: '/subject', in: ['x'] }] } }),
      ['INVALID', 'tariff.place', 'version.tariffs'],
    ],
    ['a tariff by an answer that nobody can give', whenFree('maybe'), ['INVALID', 'tariff.option', 'version.tariffs']],
    ['answers that no tariff fits', withVersion({ tariffs: [tariff] }), ['INVALID', 'tariff.gap', 'version.tariffs']],
    ['answers that two tariffs fit', whenFree('true', 'false'), ['INVALID', 'tariff.overlap', 'version.tariffs']],
    [
      'a fee with three decimals',
      withTariff({ fees: [{ ...fee, amount: '1.005' }] }),
      ['INVALID', 'fee.digits', 'version.tariffs.0.fees.0.amount'],
    ],
    [
      'a fee that is never due',
      withTariff({ fees: [{ ...fee, due: null }] }),
      ['INVALID', 'fee.due', 'version.tariffs.0.fees.0.due'],
    ],
    [
      'a fee without its kind',
      withTariff({ fees: [{ ...fee, kind: null }] }),
      ['MISSING', 'fee.kind', 'version.tariffs.0.fees.0.kind'],
    ],
    [
      'a fee without a source',
      withTariff({ fees: [{ ...fee, source: '' }] }),
      ['MISSING', 'fee.source', 'version.tariffs.0.fees.0.source'],
    ],
    [
      'a term of zero days',
      withTariff({ terms: [{ ...term, value: 0 }] }),
      ['INVALID', 'term.value', 'version.tariffs.0.terms.0.value'],
    ],
    [
      'a code of a required document in small letters',
      withVersion({ requiredDocuments: [{ ...version.requiredDocuments[0], code: 'proof' }] }),
      ['INVALID', 'required_document.code', 'version.requiredDocuments.0.code'],
    ],
    [
      'two required documents of one code',
      withVersion({ requiredDocuments: [version.requiredDocuments[0], version.requiredDocuments[0]] }),
      ['INVALID', 'required_document.code_twice', 'version.requiredDocuments.1.code'],
    ],
    [
      'an unknown registry',
      withVersion({ requiredDocuments: [{ ...version.requiredDocuments[0], obtainableFromRegistryCode: 'NONE' }] }),
      ['NOT_FOUND', 'registry.unknown', 'version.requiredDocuments.0.obtainableFromRegistryCode'],
    ],
    [
      'a step of an unknown agency',
      withVersion({ steps: [{ ...version.steps[0], agencyCode: 'NONE' }] }),
      ['NOT_FOUND', 'agency.unknown', 'version.steps.0.agencyCode'],
    ],
    [
      'a step without a unit',
      withVersion({ steps: [{ ...version.steps[0], maximumUnit: null }] }),
      ['INVALID', 'step.maximum', 'version.steps.0.maximumValue'],
    ],
    [
      'a step of instants',
      withVersion({ steps: [{ ...version.steps[0], maximumUnit: 'INSTANT' }] }),
      ['INVALID', 'step.maximum', 'version.steps.0.maximumValue'],
    ],
    [
      'a step of more than 1000 units',
      withVersion({ steps: [{ ...version.steps[0], maximumValue: 2147483647 }] }),
      ['INVALID', 'step.maximum', 'version.steps.0.maximumValue'],
    ],
    [
      'a refusal ground without a code',
      withVersion({ refusalGrounds: [{ ...version.refusalGrounds[0], code: 'late' }] }),
      ['INVALID', 'refusal_ground.code', 'version.refusalGrounds.0.code'],
    ],
    [
      'two refusal grounds of one code',
      withVersion({ refusalGrounds: [version.refusalGrounds[0], version.refusalGrounds[0]] }),
      ['INVALID', 'refusal_ground.code_twice', 'version.refusalGrounds.1.code'],
    ],
    [
      'a legal basis whose URL has a password',
      withVersion({ legalBases: [{ ...version.legalBases[0], url: 'https://user:word@example.org/' }] }),
      ['INVALID', 'legal_basis.url', 'version.legalBases.0.url'],
    ],
    [
      'a legal basis whose URL is a script',
      withVersion({ legalBases: [{ ...version.legalBases[0], url: 'javascript:alert(1)' }] }),
      ['INVALID', 'legal_basis.url', 'version.legalBases.0.url'],
    ],
  ])('refuses %s', (_, change, refusal) => {
    expect(refusalsOf(change)).toEqual([refusal])
  })

  it('accepts a payment without a form', () => {
    expect(refusalsOf(withVersion({ handledAs: 'PAYMENT', form: null }))).toEqual([])
  })

  it('refuses a form for filings that a registry fills in', () => {
    const { schema } = form
    const subject = { ...schema.properties?.subject, 'x-registry': 'companies.name' }
    const bound = { ...form, schema: { ...schema, properties: { ...schema.properties, subject } } }
    expect(refusalsOf(withRule({}), { form: bound })).toEqual([['INVALID', 'filing_rule.form', 'version.form.schema']])
  })

  it('accepts filings with a rule, with no limit for corrections, or with the rule of the previous version', () => {
    expect(refusalsOf(withRule({}))).toEqual([])
    expect(refusalsOf(withRule({ correctionValue: null, correctionUnit: null }))).toEqual([])
    expect(refusalsOf(withVersion(filed), { hasFilingRule: true })).toEqual([])
  })

  it('refuses a form that does not compile', () => {
    expect(refusalsOf({}, { form: new Error('a fault') })).toEqual([
      ['INVALID', 'version.form_does_not_compile', 'version.form'],
    ])
  })

  it('refuses a new service with nothing but a code and a version', () => {
    const nothing = {
      agencyCode: null,
      lifeEventCode: null,
      name: null,
      audiences: null,
      direction: null,
      source: null,
    }
    expect(refusalsOf(nothing)).toEqual([
      ['MISSING', 'service.agency', 'agencyCode'],
      ['MISSING', 'service.life_event', 'lifeEventCode'],
      ['MISSING', 'service.name', 'name'],
      ['MISSING', 'service.audiences', 'audiences'],
      ['MISSING', 'service.direction', 'direction'],
      ['MISSING', 'service.source', 'source'],
    ])
  })

  const texts = [' ', 'a'.repeat(9000), 'a\ud800', 'a\0']
  const inAll = (text: string) => ({ az: text, en: 'Text', ru: 'Text' })
  it.each<[string, (text: string) => object]>([
    ['name.az', (text) => ({ name: inAll(text) })],
    ['description.az', (text) => ({ description: inAll(text) })],
    ['searchWords.az', (text) => ({ searchWords: inAll(text) })],
    ['version.note.az', (text) => withVersion({ note: inAll(text) })],
    ['version.tariffs.0.name.az', (text) => withTariff({ name: inAll(text) })],
    ['version.tariffs.0.fees.0.name.az', (text) => withTariff({ fees: [{ ...fee, name: inAll(text) }] })],
    ['version.tariffs.0.fees.0.note.az', (text) => withTariff({ fees: [{ ...fee, note: inAll(text) }] })],
    ['version.tariffs.0.fees.0.budget.level', (text) => withTariff({ fees: [{ ...fee, budget: { level: text } }] })],
    [
      'version.requiredDocuments.0.name.az',
      (text) => withVersion({ requiredDocuments: [{ code: 'PROOF', name: inAll(text), mandatory: true }] }),
    ],
    [
      'version.process.termEndNorm.az',
      (text) => withVersion({ process: { source: 'Norm 9', termEndNorm: inAll(text) } }),
    ],
    ['version.steps.0.name.az', (text) => withVersion({ steps: [{ name: inAll(text) }] })],
    ['version.steps.0.content.az', (text) => withVersion({ steps: [{ name: inAll('a'), content: inAll(text) }] })],
    ['version.legalBases.0.title.az', (text) => withVersion({ legalBases: [{ title: inAll(text) }] })],
    ['version.legalBases.0.article', (text) => withVersion({ legalBases: [{ title: inAll('a'), article: text }] })],
    ['version.legalBases.0.url', (text) => withVersion({ legalBases: [{ title: inAll('a'), url: text }] })],
    [
      'version.refusalGrounds.0.norm.az',
      (text) => withVersion({ refusalGrounds: [{ ...version.refusalGrounds[0], norm: inAll(text) }] }),
    ],
    ['version.form.source', (text) => withVersion({ form: { ...version.form, source: text } })],
    ['source', (text) => ({ source: text })],
    ['version.opinionReference', (text) => withVersion({ opinionReference: text })],
  ])('refuses a text that is blank, too long or broken: %s', (field, make) => {
    expect(texts.map((text) => refusalsOf(make(text)).map(([code, , field]) => [code, field]))).toEqual(
      ['MISSING', 'INVALID', 'INVALID', 'INVALID'].map((code) => [[code, field]]),
    )
  })
})

describe('formOfTexts', () => {
  const { schema, sections } = version.form
  it.each([
    ['a schema that is no JSON', '{', sections, /^schema: JSON is required/],
    ['a schema that fetches from elsewhere', '{"$ref":"https://example.org/x"}', sections, /^schema/],
    ['no sections', schema, '[]', /^sections/],
    ['half a character', schema.replace('Subject (az)', 'Subject \\ud800'), sections, /^schema: whole characters/],
    ['the character U+0000', schema.replace('Subject (az)', 'Subject \\u0000'), sections, /^schema: whole characters/],
  ])('refuses %s', (_, schema, sections, message) => {
    expect(() => formOfTexts(schema, sections)).toThrow(message)
  })
})
