import { v7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { attachments } from '../../src/applications/attachments/attachment.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { acrOf } from '../../src/sandbox/personas.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, keyOf, registrars } from '../support/applying.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

const { database, world, ask, send, outcomeOf, partyOf, rowOf, draft, inReview, upload, read } = await applyingOf()
const { db } = database
const deputy = 'registration-deputy'
beforeAll(async () => {
  await registrars(database)
  await ask('{ viewer { kind } }', { headers: await as('citizen') }) // from here on the account is known HIGH
})

const surely = (persona: string, assurance?: Assurance) => as(persona, { acr: assurance && acrOf(assurance) }) // undefined: the token has no `acr`
const { LOW, SUBSTANTIAL, HIGH } = Assurance

/** An application of the citizen that was decided, with all that may be in one. */
async function decided() {
  const { id, key, number } = await inReview(deputy)
  await send('citizen', 'sendApplicationMessage', { applicationId: id, text: 'Sual' })
  const uploadId = keyOf(await upload())
  await db.insert(attachments).values({ id: v7(), applicationId: key, uploadId, attachedAt: new Date() })
  const { revision } = await rowOf(key)
  await send(deputy, 'decideApplication', { applicationId: id, revision, outcome: 'APPROVED', reasoning: 'Əsas' })
  return { key, number }
}
const personal = `content { answers } validationErrors { reason } applicant { name }
  timeline(last: 2) { nodes { text } } attachments { file { name } downloadUrl upload { name downloadUrl } }
  decisions { reasoning norm } documents { code }`

describe('Personal fields of an application', () => {
  it.each([
    ['LOW', LOW],
    ['no assurance', undefined],
  ])('are null with %s for an account that has had more, while the state is shown', async (_, assurance) => {
    const { number } = await decided()
    const query = `{ application(number: "${number}") { state ${personal} } }`
    const shown = await ask(query, { headers: await as('citizen') })
    expect([shown.errors, shown.data.application.timeline.nodes[0].text]).toEqual([undefined, 'Sual'])

    const { data, errors } = await ask(query, { headers: await surely('citizen', assurance) })
    const file = { file: null, downloadUrl: null, upload: { name: null, downloadUrl: null } }
    expect(data.application).toEqual({
      state: 'READY',
      content: null,
      validationErrors: null,
      applicant: { name: null },
      attachments: [file],
      timeline: { nodes: [{ text: null }, { text: null }] },
      decisions: [{ reasoning: null, norm: null }],
      documents: [{ code: null }],
    })
    const asked = new Set(errors?.map(({ extensions }) => `${extensions.code} ${extensions.assurance}`))
    expect([[...asked], errors?.length]).toEqual([['STEP_UP_REQUIRED SUBSTANTIAL'], 11])
  })

  it('require the assurance of their own service, not of others on the page', async () => {
    const partyId = await partyOf('citizen')
    await insertApplication(database, keyring, { partyId, service: 'IN-LICENSE', state: 'SUBMITTED' })
    await draft()
    const query = '{ applications(first: 2) { nodes { service { code } content { answers } } } }'
    const { data, errors } = await ask(query, { headers: await surely('citizen', SUBSTANTIAL) })
    const shown = data.applications.nodes.map(({ service, content }: any) => [service.code, content !== null])
    expect(Object.fromEntries(shown)).toEqual({ 'IN-LICENSE': false, 'DIN-ADDRESS-REG': true })
    expect(errors?.map(({ extensions }) => extensions)).toMatchObject([{ code: 'STEP_UP_REQUIRED', assurance: 'HIGH' }])
  })

  it('require the assurance of the service for a file that is queried alone', async () => {
    const partyId = await partyOf('citizen')
    const key = await insertApplication(database, keyring, { partyId, service: 'IN-LICENSE', state: 'SUBMITTED' })
    const file = await upload()
    await db.insert(attachments).values({ id: v7(), applicationId: key, uploadId: keyOf(file), attachedAt: new Date() })
    const query = `query ($file: ID!) { node(id: $file) { ... on Upload { downloadUrl } } }`
    const fetched = async (assurance: Assurance) =>
      await ask(query, { variables: { file }, headers: await surely('citizen', assurance) })
    expect((await fetched(HIGH)).data.node.downloadUrl).toMatch(/^http:\/\/localhost:80\/files\//)
    const { data, errors } = await fetched(SUBSTANTIAL)
    expect([data.node.downloadUrl, errors?.[0]?.extensions.assurance]).toEqual([null, 'HIGH'])
  })

  it('require HIGH of the assigned officer', async () => {
    const { number } = await inReview(deputy)
    const query = `{ application(number: "${number}") { content { answers } } }`
    const { data, errors } = await ask(query, { headers: await surely(deputy, SUBSTANTIAL) })
    expect([data.application.content, errors?.[0]?.extensions.assurance]).toEqual([null, 'HIGH'])
    expect((await read(number, 'content { answers }', deputy)).content).not.toBeNull()
  })
})

describe('A command on an application', () => {
  const inputs = {
    saveDraft: { revision: 1, answers: {} },
    prepareSignature: { revision: 1 },
    submitApplication: { revision: 1 },
    withdrawApplication: {},
    respondToRequest: { revision: 1, text: 'Cavab' },
    sendApplicationMessage: { text: 'Sual' },
    appealDecision: { text: 'Şikayət' },
  }

  it.each(Object.entries(inputs))('%s is refused with LOW for an account that has had more', async (name, input) => {
    const { id, key } = await draft()
    const before = await rowOf(key)
    for (const assurance of [LOW, undefined])
      expect(await outcomeOf(surely('citizen', assurance), name, { applicationId: id, ...input })).toBe(
        'STEP_UP_REQUIRED',
      )
    expect(await rowOf(key)).toEqual(before)
  })

  it('answers a stranger with LOW as if the application did not exist', async () => {
    const { id } = await draft()
    await ask('{ viewer { kind } }', { headers: await as('other-citizen') })
    const input = { applicationId: id, revision: 1, answers: {} }
    expect(await outcomeOf(surely('other-citizen', LOW), 'saveDraft', input)).toBe('application.unknown')
  })

  it('requires the assurance of the service', async () => {
    const partyId = await partyOf('citizen')
    const key = await insertApplication(database, keyring, { partyId, service: 'IN-LICENSE', state: 'DRAFT' })
    const input = { applicationId: nodeIdOf('Application', key), revision: 1, answers: {} }
    expect(await outcomeOf(surely('citizen', SUBSTANTIAL), 'saveDraft', input)).toBe('STEP_UP_REQUIRED')
  })

  it('requires HIGH of an officer who writes', async () => {
    const found = await inReview(deputy)
    const input = { applicationId: found.id, text: 'Cavab' }
    expect(await outcomeOf(surely(deputy, SUBSTANTIAL), 'sendApplicationMessage', input)).toBe('STEP_UP_REQUIRED')
  })
})

describe('startApplication', () => {
  it('asks no registry with LOW for an account that has had more', async () => {
    world.counted()
    const started = await outcomeOf(surely('citizen', LOW), 'startApplication', { serviceCode: 'DIN-ADDRESS-REG' })
    expect([started, world.counted()]).toEqual(['STEP_UP_REQUIRED', {}])
  })
})

describe('createUpload', () => {
  it('is refused with LOW for an account that has had more', async () => {
    const input = { name: 'a file.pdf', size: 1, sha256: 'a'.repeat(64) }
    const { error } = await send(surely('citizen', LOW), 'createUpload', input, 'upload { id }')
    expect(error?.extensions.code).toBe('STEP_UP_REQUIRED')
  })
})
