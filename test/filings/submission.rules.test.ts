import { describe, expect, it } from 'vitest'
import { userErrorInForm } from '../../src/filings/submission/submission.rules.js'

describe('userErrorInForm', () => {
  const other = (field: string, expected: string) => ({
    code: 'INVALID',
    reason: 'filing.other_form',
    field: ['content', field],
    params: { expected },
  })
  it.each<[string, string | null, string | undefined, object | undefined]>([
    ['allows JSON for any form', 'vatReturn2026', 'json', undefined],
    ['allows JSON for a form without typed content', null, 'json', undefined],
    ['allows the content of a line of a batch', 'vatReturn2026', undefined, undefined],
    ['allows the typed content of the form in force', 'vatReturn2026', 'vatReturn2026', undefined],
    ['refuses that of another form', 'vatReturn2026', 'invoice2026', other('invoice2026', 'vatReturn2026')],
    ['refuses typed content if the form has none', null, 'vatReturn2026', other('vatReturn2026', 'json')],
  ])('%s', (_what, typedAs, contentAs, refusal) => {
    expect(userErrorInForm({ typedAs }, contentAs === undefined ? {} : { contentAs })).toEqual(refusal)
  })
})
