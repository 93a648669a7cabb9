import { describe, expect, it } from 'vitest'
import {
  accepting,
  declaring,
  hearing,
  nextAskedAt,
  unansweredIn,
  unsettledIn,
} from '../../src/applications/casework/declared.rules.js'
import {
  type Declared,
  nothingPrefilled,
  type Prefilled,
  type RegistryAnswers,
} from '../../src/applications/drafts/prefill.js'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'

const schema: FormNode = {
  type: 'object',
  properties: {
    surname: { type: 'string', 'x-registry': 'population.surname' },
    birthDate: { type: 'string', format: 'date', 'x-registry': 'population.birthDate' },
    phone: { type: 'string' },
  },
}
const form = { schema, faultsIn: () => [] }
const [submitted, later] = ['2026-11-25T08:00:00.000Z', '2026-11-26T08:00:00.000Z'].map((at) => new Date(at))
const source = { registry: 'POPULATION', messageId: 'a-message', fetchedAt: '2026-11-25T07:00:00.000Z' }
const mark: Declared = { registry: 'POPULATION', declaredAt: submitted!.toISOString() }
const other: Declared = { ...mark, found: { value: 'Başqa', source } }
const accepted: Declared = { ...mark, accepted: { at: later!.toISOString(), reason: 'Sənəd göstərib' } }
const missing = ['/surname', '/birthDate']
const prefilled = (more: Partial<Prefilled> = {}): Prefilled => ({ ...nothingPrefilled, missing, ...more })
const answers = { surname: 'Sınaq', phone: '+994125555555' }

describe('declaring', () => {
  const marked = (declared: Declared) => ({ answers, prefilled: prefilled({ declared: { '/surname': declared } }) })
  const anew = { ...mark, declaredAt: later!.toISOString() }

  it.each([
    ['an answer where a registry was down', answers, prefilled(), undefined, { '/surname': anew }],
    ['no answer where the registry answered', answers, prefilled({ missing: [] }), undefined, {}],
    ['no answer that was not given', { phone: '1' }, prefilled(), undefined, {}],
    ['an unchanged answer as before', answers, prefilled(), marked(accepted), { '/surname': accepted }],
    ['a corrected answer anew', { surname: 'Yeni' }, prefilled(), marked(other), { '/surname': anew }],
    ['an answer that is no more accepted', { surname: 'Yeni' }, prefilled(), marked(accepted), { '/surname': anew }],
    [
      'an answer that was added',
      { ...answers, birthDate: '2000-01-01' },
      prefilled(),
      marked(mark),
      {
        '/surname': mark,
        '/birthDate': anew,
      },
    ],
  ])('marks %s', (_what, given, held, earlier, declared) => {
    expect(declaring({ answers: given, prefilled: held }, form, later!, earlier).declared).toEqual(declared)
  })
})

describe('unsettledIn', () => {
  it.each<[string, Partial<Prefilled>, unsettled: string[], unanswered: string[]]>([
    ['has an answer that nobody confirmed', { declared: { '/surname': mark } }, ['/surname'], ['/surname']],
    [
      'has an answer with which the registry differs, but asks no more',
      { declared: { '/surname': other } },
      ['/surname'],
      [],
    ],
    ['has no accepted answer', { declared: { '/surname': accepted } }, [], []],
    ['has no confirmed answer', { declared: { '/surname': mark }, places: { '/surname': source } }, [], []],
    ['has nothing without declared answers', { places: { '/surname': source } }, [], []],
  ])('%s', (_what, more, unsettled, unanswered) => {
    expect(unsettledIn(prefilled(more))).toEqual(unsettled)
    expect(unansweredIn(prefilled(more)).map(([path]) => path)).toEqual(unanswered)
  })
})

describe('hearing', () => {
  const declared = { '/surname': mark }
  const answering = (record: Record<string, unknown> | null, down = false): RegistryAnswers =>
    new Map([['population', { source: down ? null : source, record, down }]])
  const differs = (value: unknown) => ({ '/surname': { ...mark, found: { value, source } } })

  it.each<[string, RegistryAnswers, Partial<ReturnType<typeof hearing>>, Partial<Prefilled>]>([
    [
      'confirms an equal answer, which becomes the registry’s',
      answering({ surname: 'Sınaq' }),
      { confirmed: true, disputed: false },
      { places: { '/surname': source }, declared },
    ],
    [
      'keeps another value beside the answer',
      answering({ surname: 'Başqa' }),
      { confirmed: false, disputed: true },
      { places: {}, declared: differs('Başqa') },
    ],
    [
      'notes that the registry does not know the person',
      answering(null),
      { confirmed: false, disputed: true },
      { places: {}, declared: differs(null) },
    ],
    [
      'leaves the answer while the registry is down',
      answering(null, true),
      { confirmed: false, disputed: false },
      { places: {}, declared },
    ],
    ['leaves the answer of a registry that was not asked', new Map(), { confirmed: false }, { places: {}, declared }],
  ])('%s', (_what, fetched, outcome, settled) => {
    expect(hearing({ answers, prefilled: prefilled({ declared }) }, form, fetched)).toMatchObject({
      ...outcome,
      prefilled: settled,
    })
  })

  it('changes no accepted answer', () => {
    const before = prefilled({ declared: { '/surname': accepted } })
    const { prefilled: after, disputed } = hearing(
      { answers, prefilled: before },
      form,
      answering({ surname: 'Başqa' }),
    )
    expect([after, disputed]).toEqual([before, false])
  })
})

describe('accepting', () => {
  it('settles the named answers only', () => {
    const before = prefilled({ declared: { '/surname': other, '/birthDate': mark } })
    const after = accepting(before, ['/surname'], { at: later!, reason: 'Sənəd göstərib' })
    expect(unsettledIn(after)).toEqual(['/birthDate'])
    expect(after.declared?.['/surname']).toEqual({ ...other, accepted: accepted.accepted })
  })
})

describe('nextAskedAt', () => {
  it.each([
    ['five minutes at first', 0, 5],
    ['as long as it has waited', 20, 20],
    ['six hours at most', 3 * 24 * 60, 6 * 60],
  ])('waits %s', (_what, waited, minutes) => {
    const now = new Date(submitted!.getTime() + waited * 60_000)
    expect(nextAskedAt([['/surname', mark]], now).getTime() - now.getTime()).toBe(minutes * 60_000)
  })
})
