import { describe, expect, it } from 'vitest'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'
import { Audience } from '../../src/catalogue/services/service.table.js'
import {
  combinationsOf,
  faultInTariffs,
  mostCombinations,
  possibleTariffs,
  type Situation,
  type TariffCondition,
} from '../../src/catalogue/tariffs/tariff.rules.js'

const choice = (...options: string[]): FormNode => ({ type: 'string', oneOf: options.map((one) => ({ const: one })) })
const date: FormNode = { type: 'string', format: 'date' }
/** A card for oneself or a child, whose speed is not asked if it was lost. */
const form: FormNode = {
  type: 'object',
  properties: {
    lost: { type: 'boolean' },
    speed: choice('SLOW', 'FAST'),
    delivered: { type: 'boolean' },
    holder: choice('SELF', 'CHILD'),
    child: { type: 'object', properties: { birthDate: date }, required: ['birthDate'] },
    birthDate: date,
    words: { type: 'string' },
    many: { type: 'array', items: choice('A', 'B') },
    ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, choice(...'123456789'.split(''))])),
  },
  required: ['lost', 'holder', 'birthDate', 'a', 'b', 'c', 'd'],
  allOf: [
    {
      if: { properties: { lost: { const: false } }, required: ['lost'] },
      // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
      then: { required: ['speed'] },
      else: { properties: { speed: false } },
    },
    {
      if: { properties: { holder: { const: 'CHILD' } }, required: ['holder'] },
      // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
      then: { required: ['child'] },
      else: { properties: { child: false } },
    },
  ],
}
const birthDates = ['/child/birthDate', '/birthDate']

type Part = Partial<Record<string, string | string[]>>
const when = (
  answers: Part = {},
  { applicants = null, age = null }: Partial<TariffCondition> = {},
): TariffCondition => ({
  answers: Object.entries(answers).map(([at, options]) => ({ at: `/${at}`, in: [options ?? []].flat() })),
  applicants,
  age,
})
const coded = (conditions: Record<string, TariffCondition>) =>
  Object.entries(conditions).map(([code, condition]) => ({ code, condition }))
const ages = (from: number | null, below: number | null) => ({ age: { from, below } })

const bySpeed = coded({
  SLOW: when({ speed: 'SLOW' }),
  FAST: when({ speed: 'FAST' }),
  LOST: when({ lost: 'true' }),
})
const byAge = coded({ CHILD: when({}, ages(null, 15)), ADULT: when({}, ages(15, null)) })

describe('faultInTariffs', () => {
  it.each<[string, Record<string, TariffCondition>, object | undefined, string[]?]>([
    ['accepts one tariff for all', { ALL: when() }, undefined],
    [
      'accepts answers that a form does not ask together',
      Object.fromEntries(bySpeed.map((one) => [one.code, one.condition])),
      undefined,
    ],
    [
      'accepts bands of ages without a gap',
      Object.fromEntries(byAge.map((one) => [one.code, one.condition])),
      undefined,
    ],
    ['accepts a tariff for nobody who applies here', { ALL: when(), PAPER: when({}, { applicants: [] }) }, undefined],
    [
      'shows the answers that no tariff fits',
      { SLOW: when({ speed: 'SLOW' }), LOST: when({ lost: 'true' }) },
      { fault: 'gap', shown: ['/lost = false', '/speed = FAST'] },
    ],
    [
      'shows an answer that may be missing',
      { YES: when({ delivered: 'true' }), NO: when({ delivered: 'false' }) },
      { fault: 'gap', shown: ['/delivered = -'] },
    ],
    [
      'shows the answers that two tariffs fit',
      { ALL: when(), LOST: when({ lost: 'true' }) },
      { fault: 'overlap', shown: ['/lost = true'], codes: ['ALL', 'LOST'] },
    ],
    [
      'shows the age that no tariff fits',
      { CHILD: when({}, ages(null, 15)), ADULT: when({}, ages(18, null)) },
      { fault: 'gap', shown: ['age = 15'] },
    ],
    [
      'shows the applicant that no tariff fits',
      { FEW: when({}, { applicants: [Audience.CITIZEN] }) },
      { fault: 'gap', shown: ['applicant = LEGAL_ENTITY'] },
    ],
    [
      'refuses a question that the form does not ask',
      { ALL: when({ none: 'A' }) },
      { fault: 'place', at: '/none', code: 'ALL' },
    ],
    ['refuses a question with free text', { ALL: when({ words: 'A' }) }, { fault: 'place', at: '/words', code: 'ALL' }],
    ['refuses a question in a list', { ALL: when({ 'many/*': 'A' }) }, { fault: 'place', at: '/many/*', code: 'ALL' }],
    [
      'refuses an answer that nobody can give',
      { ALL: when({ speed: ['SLOW', 'FASTER'] }) },
      { fault: 'option', at: '/speed', code: 'ALL', option: 'FASTER' },
    ],
    [
      'refuses an age without a date of birth',
      { ALL: when({}, ages(1, 2)) },
      { fault: 'no_birth_date', code: 'ALL' },
      [],
    ],
    ['refuses a date of birth that is no date', { ALL: when() }, { fault: 'birth_date', at: '/words' }, ['/words']],
    [
      'refuses a date of birth that is not always asked',
      { ALL: when() },
      { fault: 'birth_date', at: '/child/birthDate' },
      ['/child/birthDate'],
    ],
    [
      `refuses more than ${mostCombinations} combinations`,
      { ALL: when({ a: [...'123456789'], b: '1', c: '1', d: '1' }) },
      { fault: 'too_many' },
    ],
  ])('%s', (_, conditions, fault, places = birthDates) => {
    expect(faultInTariffs(coded(conditions), form, places)).toEqual(fault)
  })

  it('distinguishes no more than the tariffs depend on', () => {
    expect(combinationsOf(coded({ ALL: when() }), form)).toHaveLength(1)
    expect(combinationsOf(bySpeed, form)).toHaveLength(3)
  })
})

describe('possibleTariffs', () => {
  const today = '2026-11-30'
  const child = (birthDate: string) => ({ holder: 'CHILD', child: { birthDate }, birthDate: '1990-01-01' })
  it.each<[string, typeof bySpeed, Partial<Situation>, string[]]>([
    ['has all without answers', bySpeed, {}, ['SLOW', 'FAST', 'LOST']],
    ['leaves what an answer allows', bySpeed, { answers: { lost: false } }, ['SLOW', 'FAST']],
    ['concludes what the form cannot ask any more', bySpeed, { answers: { speed: 'FAST' } }, ['FAST']],
    ['has none for an answer that is no option', bySpeed, { answers: { speed: 'NOW' } }, []],
    ['has one for complete answers', bySpeed, { answers: { lost: true }, isComplete: true }, ['LOST']],
    ['counts completed years on the day before a birthday', byAge, { answers: child('2011-12-01') }, ['CHILD']],
    ['counts completed years on a birthday', byAge, { answers: child('2011-11-30') }, ['ADULT']],
    [
      'counts a birthday of 29 February from 1 March',
      byAge,
      { answers: child('2012-02-29'), today: '2027-02-28' },
      ['CHILD'],
    ],
    [
      'counts the age of the applicant if no child is named',
      byAge,
      { answers: { holder: 'SELF', birthDate: '1990-01-01' } },
      ['ADULT'],
    ],
    [
      'waits for the child that may still be named',
      byAge,
      { answers: { birthDate: '1990-01-01' } },
      ['CHILD', 'ADULT'],
    ],
    [
      'takes the applicant of a complete application',
      byAge,
      { answers: { birthDate: '1990-01-01' }, isComplete: true },
      ['ADULT'],
    ],
    ['has all for a date of birth that is none', byAge, { answers: child('soon') }, ['CHILD', 'ADULT']],
    [
      'leaves what a kind of applicant allows',
      coded({
        ONE: when({}, { applicants: [Audience.CITIZEN] }),
        REST: when({}, { applicants: Object.values(Audience).filter((one) => one !== Audience.CITIZEN) }),
        NOBODY: when({}, { applicants: [] }),
      }),
      { applicant: Audience.STATELESS },
      ['REST'],
    ],
  ])('%s', (_, tariffs, situation, codes) => {
    const all = { answers: {}, applicant: undefined, today, isComplete: false, ...situation }
    expect(possibleTariffs(tariffs, form, birthDates, all).map(({ code }) => code)).toEqual(codes)
  })
})
