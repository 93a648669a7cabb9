import { describe, expect, it } from 'vitest'
import { namedToConfirm } from '../../src/applications/submission/invitation.rules.js'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'

describe('namedToConfirm', () => {
  const owner: FormNode = {
    type: 'object',
    properties: { fin: { type: 'string', format: 'fin' }, passport: { type: 'string' } },
    'x-confirms': ['fin', 'passport'],
  }
  const schema: FormNode = {
    type: 'object',
    properties: { first: owner, owners: { type: 'array', maxItems: 5, items: owner }, other: { type: 'string' } },
  }

  it('finds each person whom the answers name, in lists too', () => {
    expect(namedToConfirm(schema, { first: { fin: 'TEST001' }, owners: [{ passport: 'TEST002' }, {}] })).toEqual([
      { part: '/first', at: ['first'], fins: ['TEST001'], documents: [] },
      { part: '/owners/*', at: ['owners', '0'], fins: [], documents: ['TEST002'] },
      { part: '/owners/*', at: ['owners', '1'], fins: [], documents: [] },
    ])
  })

  it('finds nobody in answers that name nobody', () => {
    expect(namedToConfirm(schema, { owners: 'TEST001', other: 'x' })).toEqual([])
  })

  it('is null for a form that asks for nobody', () => {
    expect(namedToConfirm({ type: 'object', properties: { other: { type: 'string' } } }, {})).toBeNull()
  })
})
