import { describe, expect, it } from 'vitest'
import { differencesOf, disputedIn } from '../../src/applications/submission/difference.rules.js'
import { mismatch } from '../../src/catalogue/forms/answers.rules.js'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'

const title = (az: string) => ({ az, en: az, ru: az })
const fields: Record<string, FormNode> = {
  birthDate: { type: 'string', 'x-title': title('Date of birth') },
  sex: {
    type: 'string',
    'x-title': title('Sex'),
    oneOf: [
      { const: 'F', 'x-title': title('Female') },
      { const: 'M', 'x-title': title('Male') },
    ],
  },
  fin: { type: 'string', 'x-title': title('FİN') },
}
const schema: FormNode = { type: 'object', properties: { spouse: { type: 'object', properties: fields } } }
const answers = { spouse: { birthDate: '1991-02-03', sex: 'F', fin: 'TEST002' } }

describe('differencesOf', () => {
  it.each([
    ['a value', 'birthDate', ['1990-01-01'], 'application.differs', { written: ['1991-02-03'], known: ['1990-01-01'] }],
    ['an option', 'sex', ['M'], 'application.differs', { written: [title('Female')], known: [title('Male')] }],
    ['what the person does not have', 'fin', [], 'answer.has_none', {}],
  ])('shows both values of %s', (_name, field, known, reason, params) => {
    expect(differencesOf(schema, answers, [mismatch(`/spouse/${field}`, known)])).toEqual([
      {
        code: 'INVALID',
        reason,
        field: ['answers', 'spouse', field],
        params: { label: fields[field]?.['x-title'], ...params },
      },
    ])
  })
})

describe('disputedIn', () => {
  it('shows what the applicant wrote, unless the answer is gone', () => {
    expect(disputedIn(schema, answers, ['/spouse/sex', '/spouse/patronymic'])).toEqual([
      {
        code: 'INVALID',
        reason: 'application.disputed',
        field: ['answers', 'spouse', 'sex'],
        params: { label: title('Sex'), written: [title('Female')] },
      },
    ])
  })
})
