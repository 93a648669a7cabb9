import { describe, expect, it } from 'vitest'
import { founding } from '../../src/companies/founding.js'
import { keyringOfTest } from '../support/keyring.js'

const keyring = keyringOfTest()
const checked = async (answers: Record<string, unknown>) => {
  // It does not ask the database.
  const context = { keyring, today: '2026-11-25' }
  const userErrors = (await founding.check?.({ party: 'a party', answers }, context, undefined as never)) ?? []
  return userErrors.map(({ reason, field }) => `${reason} ${field?.slice(1).join('.')}`)
}

describe('The procedure of a founding', () => {
  const applicant = { fin: 'TEST001', share: '33.34' }
  const [second, third] = [
    { fin: 'TEST002', share: '33.33' },
    { passport: 'P1', share: '33.33' },
  ]
  it.each([
    ['accepts shares that add up to 100', { applicant, founders: [second, third] }, []],
    ['accepts a sole founder', { applicant: { ...applicant, share: '100' } }, []],
    ['accepts answers that are not complete', { applicant: {}, founders: [null, second] }, []],
    ['rejects shares below 100', { applicant, founders: [second] }, ['founding.shares applicant.share']],
    [
      'rejects shares above 100',
      { applicant, founders: [second, { ...third, share: '33.330001' }] },
      ['founding.shares applicant.share'],
    ],
    [
      'rejects a founder who is named twice',
      { applicant, founders: [second, { ...second }] },
      ['founding.twice founders.1'],
    ],
  ])('%s', async (_, answers, expected) => {
    expect(await checked(answers)).toEqual(expected)
  })
})
