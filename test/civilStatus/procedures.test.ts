import { describe, expect, it } from 'vitest'
import type { Procedure } from '../../src/applications/procedure.js'
import { birth } from '../../src/civilStatus/birth.js'
import { marriage } from '../../src/civilStatus/marriage.js'
import { keyringOfTest } from '../support/keyring.js'

const keyring = keyringOfTest()
const checked = async ({ check }: Procedure, answers: Record<string, unknown>) => {
  const context = { keyring, today: '2026-11-25' }
  // Neither asks the database.
  const userErrors = (await check?.({ party: 'a party', answers }, context, undefined as never)) ?? []
  return userErrors.map(({ reason, field }) => `${reason} ${field?.slice(1).join('.')}`)
}

describe('The procedure of a marriage', () => {
  const single = { birthDate: '1990-01-15', before: 'NEVER_MARRIED' }
  it.each([
    ['accepts two adults who are not married', { applicant: single, spouse: { ...single, before: 'WIDOWED' } }, []],
    ['accepts answers that are not complete', { applicant: {} }, []],
    [
      'rejects somebody who is married',
      { applicant: single, spouse: { ...single, before: 'MARRIED' } },
      ['marriage.married spouse.before'],
    ],
    [
      'accepts somebody on the 18th birthday',
      { applicant: { ...single, birthDate: '2008-11-25' }, spouse: single },
      [],
    ],
    [
      'rejects somebody on the day before the 18th birthday',
      { applicant: { ...single, birthDate: '2008-11-26' }, spouse: single },
      ['marriage.age applicant.birthDate'],
    ],
  ])('%s', async (_, answers, expected) => {
    expect(await checked(marriage, answers)).toEqual(expected)
  })
})

describe('The procedure of a birth', () => {
  const child = { birthDate: '2026-11-01' }
  const mother = { birthDate: '1995-05-05', fin: 'TEST002' }
  it.each([
    ['accepts two parents', { child, mother, father: { birthDate: '1990-01-01', fin: 'TEST001' } }, []],
    ['accepts a mother alone', { child, mother }, []],
    [
      'rejects a parent who was born on the same day as the child',
      { child, mother: { ...mother, birthDate: '2026-11-01' } },
      ['birth.before_parent mother.birthDate'],
    ],
    ['rejects one person as both parents', { child, mother, father: mother }, ['birth.one_parent father']],
  ])('%s', async (_, answers, expected) => {
    expect(await checked(birth, answers)).toEqual(expected)
  })
})
