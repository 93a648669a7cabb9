import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { unreadable } from '../../src/exchange/registries/lookup.js'
import { population } from '../../src/exchange/registries/population.js'
import { bodyAbout } from '../support/exchange.js'

const people = (...fins: string[]) => (bodyAbout('POPULATION', fins) as { persons: object[] }).persons

describe('Answer about many subjects', () => {
  const read = (persons: unknown) => population.read({ persons }, ['TEST001', 'TEST002'])

  it('gives the records by subject, in any order, and may lack some', () => {
    const both = read(people('TEST002', 'TEST001'))
    expect(both.get('TEST001')).toMatchObject({ surname: 'Sınaq TEST001' })
    expect([...read(people('TEST002')).keys()]).toEqual(['TEST002'])
    expect(read([]).size).toBe(0)
  })

  it('marks one invalid record and gives the others', () => {
    const [one, other] = people('TEST001', 'TEST002')
    expect(read([{ ...one, birthDate: 'never' }, other]).get('TEST001')).toBe(unreadable)
  })

  it.each([
    ['a stranger beside the subjects', people('TEST001', 'TEST002', 'TEST003')],
    ['one subject twice', people('TEST001', 'TEST001')],
    ['only invalid records', people('TEST001').map((person) => ({ ...person, birthDate: 'never' }))],
    ['no list', undefined],
  ])('is rejected with %s', (_, persons) => {
    expect(() => read(persons)).toThrow()
  })
})
