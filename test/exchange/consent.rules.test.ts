import { describe, expect, it } from 'vitest'
import { userErrorsInConsent, type Wanted } from '../../src/exchange/consents/consent.rules.js'

const now = new Date('2027-03-01T08:00:00Z')
const wanted: Wanted = {
  agency: 'DVX',
  purpose: 'APPLICATION',
  registries: ['MEIS'],
  validFrom: now,
  validTo: new Date('2027-04-01T08:00:00Z'),
}
const registries = (count: number) => Array.from({ length: count }, (_, at) => `R${at}`)

describe('refusalsToConsent', () => {
  it.each<[string, Partial<Wanted>]>([
    ['20 registries', { registries: registries(20) }],
    ['a beginning today', { validFrom: new Date('2027-02-28T20:00:00Z') }],
    ['an end in five years', { validTo: new Date('2032-03-01T08:00:00Z') }],
  ])('accepts %s', (_, changes) => {
    expect(userErrorsInConsent({ ...wanted, ...changes }, now)).toEqual([])
  })

  it.each<[string, Partial<Wanted>, string[]]>([
    ['no registry', { registries: [] }, ['consent.no_registries']],
    ['21 registries', { registries: registries(21) }, ['consent.too_many_registries']],
    ['a beginning yesterday', { validFrom: new Date('2027-02-28T19:59:59.999Z') }, ['consent.begins_in_the_past']],
    ['an end at its beginning', { validFrom: wanted.validTo }, ['consent.ends_before_it_begins']],
    ['an end now', { validTo: now }, ['consent.ends_before_it_begins', 'consent.ends_in_the_past']],
    ['an end beyond five years', { validTo: new Date('2032-03-01T08:00:00.001Z') }, ['consent.too_far_ahead']],
  ])('refuses %s', (_, changes, reasons) => {
    expect(userErrorsInConsent({ ...wanted, ...changes }, now).map(({ reason }) => reason)).toEqual(reasons)
  })
})
