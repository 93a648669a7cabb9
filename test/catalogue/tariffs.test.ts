import { describe, expect, it } from 'vitest'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'

const now = () => new Date('2026-11-30T08:00:00Z')
const ask = await apiOf(await cloneDatabase(), { now })

async function offers(service: string, answers: object = {}, applicant?: string) {
  const query = `query ($service: String!, $answers: JSONObject, $applicant: Audience) {
    tariffs(service: $service, answers: $answers, applicant: $applicant) {
      dueOn tariff { code name fees { kind money { amount currency } } terms { purpose value unit } } } }`
  const { data, errors } = await ask(query, { variables: { service, answers, applicant }, language: 'en' })
  if (errors) throw new Error(errors[0]?.extensions.code)
  return data.tariffs
}
const codes = async (...asked: Parameters<typeof offers>) =>
  (await offers(...asked)).map(({ tariff }: any) => tariff.code)

const child = { holder: 'CHILD', child: { birthDate: '2020-05-05' } }

describe('tariffs', () => {
  it('finds what a card for a child costs in a day, and when it is ready', async () => {
    expect(await offers('DIN-ID-ISSUE', { ...child, speed: 'IN_1_WORKING_DAY' })).toEqual([
      {
        dueOn: '2026-12-01',
        tariff: {
          code: 'AGED_UNDER_15_IN_1_WORKING_DAY',
          name: 'Under 15, in 1 working day',
          fees: [{ kind: 'STATE_DUTY', money: { amount: '30.00', currency: 'AZN' } }],
          terms: [{ purpose: 'DECISION', value: 1, unit: 'WORKING_DAY' }],
        },
      },
    ])
  })

  it.each<[string, string, object, string | undefined, string[]]>([
    [
      'the tariffs that are still possible',
      'DIN-ID-ISSUE',
      { speed: 'IN_10_DAYS' },
      undefined,
      ['IN_10_DAYS', 'AGED_UNDER_15_IN_10_DAYS'],
    ],
    ['the tariff of a kind of applicant', 'GOV-ESIGN', {}, 'LEGAL_ENTITY', ['LEGAL_ENTITY_3_YEARS']],
    [
      'no tariff for nobody who applies here',
      'DVX-LLC-REG',
      { company: { foreignCapital: true } },
      undefined,
      ['ELECTRONIC_FOREIGN_CAPITAL'],
    ],
    [
      'a student of more than a year, whose amount is unknown',
      'DMX-TRP',
      { request: 'FIRST', ground: 'STUDY', period: 'UP_TO_2_YEARS', speed: 'IN_20_WORKING_DAYS' },
      undefined,
      ['STUDENT_OVER_1_YEAR_IN_20_WORKING_DAYS'],
    ],
    ['a lost card, of which no period is asked', 'DMX-TRP', { request: 'LOST' }, undefined, ['LOST_CARD']],
    [
      'a service without a form by its questions',
      'XIN-VISA',
      { entries: 'TRANSIT', treatmentOrDeath: true },
      undefined,
      ['TRANSIT_TREATMENT_OR_DEATH'],
    ],
    ['nothing for an answer that is no option', 'DIN-ID-ISSUE', { speed: 'NOW' }, undefined, []],
  ])('finds %s', async (_, service, answers, applicant, expected) => {
    expect(await codes(service, answers, applicant)).toEqual(expected)
  })

  it('finds a day after the waiting period of a marriage', async () => {
    expect(await offers('ED-MARRIAGE')).toMatchObject([{ dueOn: '2027-01-05' }])
  })

  it('has no day for an unknown term, or an amount that the agency must assess first', async () => {
    expect(await offers('ETN-SCHOOL')).toMatchObject([{ dueOn: null }])
    expect(await offers('ED-DIVORCE')).toMatchObject([{ dueOn: null, tariff: { fees: [{ money: null }] } }])
    expect(await offers('DVX-EXTRACT', { requester: 'THIRD_PARTY' })).toMatchObject([{ dueOn: null }])
  })

  it('has a tariff for each of the 77 services', async () => {
    const { data } = await ask('{ services(first: 100) { nodes { code } } }')
    const all: string[] = data.services.nodes.map(({ code }: any) => code)
    expect(all).toHaveLength(77)
    const found = []
    for (let from = 0; from < all.length; from += 20) {
      const some = all
        .slice(from, from + 20)
        .map((code, at) => `a${at}: tariffs(service: "${code}") { tariff { code } }`)
      found.push(...Object.values<unknown[]>((await ask(`{ ${some.join(' ')} }`)).data))
    }
    expect(found.filter((offers) => offers.length > 0)).toHaveLength(77)
  })

  it('is null for a service that is not public', async () => {
    expect(await offers('NONE')).toBeNull()
  })

  it('returns BAD_USER_INPUT for answers that are too deep', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`)
    await expect(offers('DIN-ID-ISSUE', deep)).rejects.toThrow(/BAD_USER_INPUT/)
    const wide = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`a${at}`, 'x'.repeat(2000)]))
    await expect(offers('DIN-ID-ISSUE', wide)).rejects.toThrow('BAD_USER_INPUT')
  })
})
