import { describe, expect, it } from 'vitest'
import { applyingOf, moving } from '../support/applying.js'

const { send, outcomeOf, read, draft } = await applyingOf()

const content = 'content { answers sources { at } }'

describe('saveDraft', () => {
  it('puts in the answers that a registry and sign-in filled in, and refuses others', async () => {
    const { id, number } = await draft()
    const save = (answers: object) => send('citizen', 'saveDraft', { applicationId: id, revision: 1, answers })
    const forged = { ...moving, applicant: { surname: 'Somebody', fin: 'TEST002' } }
    expect((await save(forged)).userErrors).toMatchObject([
      { code: 'INVALID', reason: 'answer.differs', field: ['answers', 'applicant', 'surname'] },
      {
        field: ['answers', 'applicant', 'fin'],
        message:
          'Personal number (FİN): must be “TEST001”, according to sign-in or a registry. Leave the field out to use that ' +
          'value. If it is wrong, have it corrected there first.',
      },
    ])
    expect((await save(moving)).userErrors).toEqual([])
    const { answers } = (await read(number, content)).content
    expect(answers).toMatchObject({ ...moving, applicant: { surname: 'Sınaq TEST001', fin: 'TEST001' } })
  })

  it('fills in registry answers when the form begins to ask for them, and removes them when it no longer does', async () => {
    const { application } = await send('citizen', 'startApplication', { serviceCode: 'GOV-APPEAL' })
    const { id, number } = application
    expect((await read(number, content)).content).toEqual({ answers: {}, sources: [] })
    const save = (revision: number, answers: object) =>
      outcomeOf('citizen', 'saveDraft', { applicationId: id, revision, answers })
    expect(await save(1, { author: 'PERSON' })).toBe('done')
    const { answers, sources } = (await read(number, content)).content
    expect(answers.person).toEqual({ fin: 'TEST001', surname: 'Sınaq TEST001', givenName: 'Test' })
    expect(sources.map(({ at }: { at: string[] }) => at.join('.'))).toContain('person.fin')

    const organisation = { author: 'ORGANISATION', organisation: { name: 'Vətəndaş Sınaq' } }
    expect(await save(2, organisation)).toBe('done')
    const changed = await read(number, `${content} validationErrors { field }`)
    expect(changed.content).toEqual({ answers: organisation, sources: [{ at: ['organisation', 'name'] }] })
    expect(changed.validationErrors.map(({ field }: { field: string[] }) => field.join('.'))).not.toContain(
      'answers.person',
    )

    expect(await save(3, { author: 'PERSON' })).toBe('done')
    expect((await read(number, content)).content.answers.person.fin).toBe('TEST001')
  })

  it('accepts incomplete answers, and rejects those that are unknown, too large, too deep or not plain JSON', async () => {
    const { id } = await draft()
    const save = (answers: unknown) => outcomeOf('citizen', 'saveDraft', { applicationId: id, revision: 1, answers })
    expect(await save({ pets: ['cat'] })).toBe('answer.unknown')
    expect(await save({ movedOn: 'x'.repeat(200_000) })).toBe('answers.too_large')
    expect(await save({ movedOn: 'x'.repeat(1_000_000) })).toBe('TOO_COSTLY')
    expect(await save(JSON.parse('{"__proto__": {"polluted": true}}'))).toBe('BAD_REQUEST')
    let deep: unknown = {}
    for (let level = 0; level < 60; level++) deep = { deep }
    expect(await save(deep)).toBe('answers.not_plain')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(await save({})).toBe('done')
  })

  it('rejects a revision that is not the current one, and says which is', async () => {
    const { id } = await draft()
    const save = (revision: number) => send('citizen', 'saveDraft', { applicationId: id, revision, answers: moving })
    expect((await save(1)).userErrors).toEqual([])
    expect((await save(1)).userErrors).toMatchObject([
      { code: 'CONFLICT', reason: 'application.changed', params: [{ name: 'revision', value: '2' }] },
    ])
    expect((await save(2)).userErrors).toEqual([])
  })
})
