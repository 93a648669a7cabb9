import { describe, expect, it } from 'vitest'
import { personasOf, textOfPersonas } from '../../src/sandbox/personas.js'
import { personasFrom } from '../../src/sandbox/personasFile.js'
import { registryCodes } from '../../src/sandbox/registries.js'
import { registriesFrom, textOfRegistries } from '../../src/sandbox/registriesFile.js'
import { dataFiles } from '../support/dataFiles.js'

const held = registriesFrom(textOfRegistries())
const { organisations, mandates, persons } = personasFrom(textOfPersonas())
const personOf = (fin: string | undefined) => held.POPULATION.find((person) => person.fin === fin)
const fullName = ({ givenName, surname }: { givenName: string; surname: string }) => `${givenName} ${surname}`
const nameOf = (persona: string) => persons.find(({ name }) => name === persona)?.fullName

describe('registries.data.json', () => {
  it.each(personasOf().filter(({ fin }) => fin))(
    'has the name and birth date that the login has of $name',
    ({ fin, fullName: name, birthDate }) => {
      const person = personOf(fin)
      expect(person && { name: fullName(person), birthDate: person.birthDate }).toEqual({ name, birthDate })
    },
  )

  it('has no persons but the personas', () => {
    expect(held.POPULATION.map(({ fin }) => fin)).toEqual(persons.flatMap(({ fin }) => fin ?? []).sort())
  })

  it.each(organisations)('has the head of $name that its mandates have', ({ name, fullName, voen }) => {
    const company = held.COMMERCIAL.find((company) => company.voen === voen)
    expect(company).toMatchObject({ name: fullName, status: 'ACTIVE' })
    const head = mandates.find(({ kind, principal }) => kind === 'HEAD' && principal === name)
    if (!head) return
    expect(company?.legalRepresentative.name).toBe(nameOf(head.holder))
    expect(company?.sealHolders.map(({ name }) => name)).toContain(nameOf(head.holder))
    expect(company?.registeredOn).toBe(head.validFrom)
  })

  it('has each family relation on both sides, and the children of the mandates', () => {
    const other = { SPOUSE: 'SPOUSE', PARENT: 'CHILD', CHILD: 'PARENT' }
    const isOf = (relation: string, of: (typeof held.POPULATION)[number]) =>
      expect.objectContaining({ relation, name: fullName(of), birthDate: of.birthDate })
    for (const person of held.POPULATION)
      for (const { relation, name, birthDate } of person.family) {
        const relative = held.POPULATION.find((one) => fullName(one) === name)
        if (!relative) continue
        expect(relative.birthDate).toBe(birthDate)
        expect(relative.family).toContainEqual(isOf(other[relation], person))
      }
    for (const { principal, holder } of mandates.filter(({ kind }) => kind === 'PARENT')) {
      const [child, parent] = [principal, holder].map(
        (name) => personOf(persons.find((one) => one.name === name)?.fin)!,
      )
      expect(parent!.family).toContainEqual(isOf('CHILD', child!))
    }
  })

  it('has dates in a possible order', () => {
    const bornOn = (subject: string) => personOf(subject)?.birthDate ?? '0000-00-00'
    const order = (...dates: (string | null)[]) => {
      const known = dates.filter((date) => date !== null)
      expect(known).toEqual([...known].sort())
    }
    const lastDay = '2026-11-24'
    for (const { subject, fines } of held.FINES)
      for (const { issuedOn, dueOn, paidOn } of fines) {
        order(bornOn(subject), issuedOn, dueOn)
        order(issuedOn, paidOn, lastDay)
      }
    for (const { subject, titles } of held.REALESTATE)
      for (const { startedOn, encumbrances } of titles) {
        order(bornOn(subject), startedOn, lastDay)
        for (const one of encumbrances) order(startedOn, one.startedOn, one.endsOn)
      }
    for (const { subject, employments, pension } of held.MEIS) {
      for (const { startedOn, endsOn } of employments) order(bornOn(subject), startedOn, endsOn ?? lastDay, lastDay)
      order(bornOn(subject), pension?.startedOn ?? lastDay, lastDay)
    }
    for (const { subject, crossings, restrictions } of held.IAMAS) {
      order(bornOn(subject), ...crossings.map(({ at }) => at), `${lastDay}T00:00:00Z`)
      for (const { startedOn, endsOn } of restrictions) order(bornOn(subject), startedOn, endsOn)
    }
    for (const { subject, acts } of held.CIVIL)
      order(bornOn(subject), ...acts.map(({ registeredOn }) => registeredOn), lastDay)
    for (const { birthDate, family } of held.POPULATION)
      for (const one of family)
        if (one.relation !== 'SPOUSE')
          order(...(one.relation === 'PARENT' ? [one.birthDate, birthDate] : [birthDate, one.birthDate]))
  })

  it('uses each number once', () => {
    const numbers = [
      ...held.FINES.flatMap(({ fines }) => fines.map(({ number }) => number)),
      ...held.REALESTATE.flatMap(({ titles }) => titles.map(({ registryNumber }) => registryNumber)),
      ...registryCodes.flatMap((code) =>
        held[code].map(
          (entry) => `${code} ${'subject' in entry ? entry.subject : 'fin' in entry ? entry.fin : entry.voen}`,
        ),
      ),
    ]
    expect(numbers.filter((number, at) => numbers.indexOf(number) < at)).toEqual([])
  })

  it('has the family in civil status acts that the population register has', () => {
    const others = { WIFE: 'SPOUSE', HUSBAND: 'SPOUSE', CHILD: 'CHILD', FATHER: 'PARENT', MOTHER: 'PARENT' }
    const relationsOf = (subject: string) =>
      held.CIVIL.find((one) => one.subject === subject)!.acts.flatMap(({ persons }) => {
        const isParent = persons.some(({ fin, role }) => fin === subject && (role === 'FATHER' || role === 'MOTHER'))
        return persons
          .filter(({ fin, role }) => fin !== subject && !(isParent && role !== 'CHILD'))
          .map(({ role, name }) => `${others[role as keyof typeof others]} ${name}`)
      })
    for (const subject of ['TEST001', 'TEST003', 'TEST006'])
      for (const relation of relationsOf(subject))
        expect(personOf(subject)!.family.map(({ relation, name }) => `${relation} ${name}`)).toContain(relation)
  })

  it('names employers as the registry of companies does', () => {
    for (const { employments } of held.MEIS)
      for (const { employer, voen } of employments)
        expect(held.COMMERCIAL.find((company) => company.voen === voen)?.name).toBe(employer)
  })

  it('has fines, titles, debts and crossings to try', () => {
    const citizen = <Entry extends { subject: string }>(entries: Entry[]) =>
      entries.find(({ subject }) => subject === 'TEST001')!
    expect(personOf('TEST001')?.family.map(({ relation }) => relation)).toEqual(
      expect.arrayContaining(['SPOUSE', 'CHILD']),
    )
    const paid = citizen(held.FINES).fines.map(({ paidOn }) => paidOn !== null)
    expect(paid).toEqual(expect.arrayContaining([true, false]))
    expect(citizen(held.REALESTATE).titles).toContainEqual(
      expect.objectContaining({ kind: 'FLAT', encumbrances: [expect.objectContaining({ kind: 'MORTGAGE' })] }),
    )
    expect(citizen(held.MEIS).employments[0]).toMatchObject({ employer: 'Sınaq MMC', endsOn: null })
    expect(citizen(held.AVIS).debts).toEqual([])
    expect(held.AVIS.find(({ subject }) => subject === '9900000141')?.debts).not.toEqual([])
    expect(held.IAMAS.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['UTO:TEST0004', 'AZE:DYITEST0005']),
    )
  })

  it('names only registries in the catalogue of agencies', () => {
    const known = dataFiles().agencies.agencies.flatMap(({ code, registries }) =>
      registries.map((registry) => `${registry.code} of ${code}`),
    )
    expect(known).toEqual(expect.arrayContaining(registryCodes.map((code) => `${code} of ${agencies[code]}`)))
  })
})

/** The agency that keeps each registry. */
const agencies = {
  POPULATION: 'DIN',
  COMMERCIAL: 'DVX',
  FINES: 'BDYPI',
  REALESTATE: 'EMDX',
  MEIS: 'EESMN',
  IAMAS: 'DIN',
  AVIS: 'DVX',
  CIVIL: 'EDLIYYE',
}

describe('registriesFrom', () => {
  const changed = (change: (file: any) => void) => {
    const changing = JSON.parse(textOfRegistries())
    change(changing)
    return () => registriesFrom(JSON.stringify(changing))
  }
  it.each<[string, (file: any) => void, RegExp]>([
    [
      'a FİN that could be real',
      ({ POPULATION }) => (POPULATION[0].fin = 'ABCDEFG'),
      /POPULATION\.0\.fin: .* begins with TEST/,
    ],
    [
      'a plate that could be real',
      ({ FINES }) => (FINES[0].fines[0].vehicle = 'ABCDEFG'),
      /vehicle: .* begins with TEST/,
    ],
    [
      'a VÖEN that could be real',
      ({ COMMERCIAL }) => (COMMERCIAL[0].voen = '1234567890'),
      /a VÖEN that begins with 99/,
    ],
    [
      'a street that could be real',
      ({ POPULATION }) => (POPULATION[0].address.street = 'Başqa küçə'),
      /by TEST or Sınaq/,
    ],
    ['an amount that is a number', ({ AVIS }) => (AVIS[1].debts[0].amount = 36.2), /AVIS\.1\.debts\.0\.amount/],
    ['a day that does not exist', ({ MEIS }) => (MEIS[0].employments[0].startedOn = '2022-02-30'), /startedOn/],
    ['an unknown field', ({ REALESTATE }) => (REALESTATE[0].owner = 'TEST001'), /REALESTATE\.0/],
    ['a single record, which could not be garbled', ({ IAMAS }) => IAMAS.splice(1), /IAMAS/],
  ])('rejects a file with %s', (_, change, message) => {
    expect(changed(change)).toThrow(message)
  })
})
