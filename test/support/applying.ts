import { acknowledgeFiling } from '../../src/applications/acknowledgeFiling.js'
import { expireApplication } from '../../src/applications/expireApplication.js'
import { registerApplication } from '../../src/applications/registerApplication.js'
import { requestIsOver } from '../../src/applications/requestIsOver.js'
import { termIsOver } from '../../src/applications/termIsOver.js'
import { nodeIdOf, parseNodeId } from '../../src/engine/nodeId.js'
import type { Job } from '../../src/events/job.js'
import { type Ask, apiOf } from './api.js'
import { appointed } from './appointed.js'
import { cloneDatabase, type TestDatabase } from './database.js'
import { exchangeOfTest } from './exchange.js'
import { sealsOfTest } from './seals.js'
import { keyringOfFile as keyring } from './server.js'
import { as } from './tokens.js'

export type Headers = Record<string, string>
let count = 0
/** A person's answers about moving house, but for what the registries hold. */
export const moving = {
  newAddress: { unit: 'Bakı', street: 'Sınaq', building: '2' },
  movedOn: '2026-11-01',
  basis: 'OWNER',
  contact: { phone: '+994125555555' },
  confirmed: true,
}

/** An API with registries and officers, and the commands of applications. Call it at the top of the file. */
export async function applyingOf(parts: Parameters<typeof apiOf>[1] = {}) {
  const database = await cloneDatabase()
  const world = exchangeOfTest()
  let now = new Date()
  const clock = {
    now: () => now,
    set(moment: Date) {
      now = moment
    },
  }
  const seals = sealsOfTest()
  const ask: Ask = await apiOf(database, { exchange: world.exchange, seals, now: clock.now, ...parts })

  async function send(
    headers: Headers | Promise<Headers>,
    name: string,
    input: object,
    selection = 'application { id number state revision }',
  ) {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
    const { data, errors } = await ask(
      `mutation ($input: ${type}) { ${name}(input: $input) { ${selection} userErrors { code reason field message } replayed } }`,
      {
        variables: { input: { idempotencyKey: `a-key-of-applying-${++count}`, ...input } },
        headers: await headers,
        language: 'en',
      },
    )
    return { ...data?.[name], error: errors?.[0] }
  }
  /** The code of the error, or the reasons of all that is to be mended, or that it was done. */
  async function told(headers: Headers | Promise<Headers>, name: string, input: object): Promise<string> {
    const { error, userErrors } = await send(headers, name, input)
    return error?.extensions.code ?? (userErrors.map(({ reason }: { reason: string }) => reason).join(' ') || 'done')
  }
  async function run(job: Job, subject: string, type = 'test', at = now) {
    const event = {
      id: '1',
      position: '1',
      domain: 'applications',
      partyId: null,
      agencyId: null,
      actor: 'test',
      ids: {},
    }
    await job.run(
      { ...event, subject, type, at },
      { database, keyring, seals, now: clock.now, log: { info() {}, error() {} } },
    )
  }
  const look = async (number: string, fields: string, persona = 'citizen') =>
    (await ask(`{ application(number: "${number}") { ${fields} } }`, { headers: await as(persona), language: 'en' }))
      .data?.application
  /** A draft of the citizen that can be sent. */
  async function whole(): Promise<Sent> {
    const { application } = await send(as('citizen'), 'startApplication', { service: 'DIN-ADDRESS-REG' })
    const { content } = await look(application.number, 'content { answers }')
    const answers = { ...content.answers, ...moving }
    return (await send(as('citizen'), 'saveDraft', { application: application.id, revision: 1, answers })).application
  }
  /** One that the citizen has sent, and the agency has entered. */
  async function entered(): Promise<Sent> {
    const { id, number, revision } = await whole()
    await send(as('citizen'), 'submitApplication', { application: id, revision })
    await run(registerApplication, keyOf(id))
    return await look(number, 'id number state revision')
  }
  return {
    ...{ database, world, clock, ask, send, told, run, look, whole, entered, appointed, as },
    jobs: { registerApplication, expireApplication, acknowledgeFiling, requestIsOver, termIsOver },
  }
}

interface Sent {
  id: string
  number: string
  state: string
  revision: number
}
export const keyOf = (id: string) => parseNodeId(id)?.key as string // of what was made here

/** The officers of the department that the citizen applies to, as the sandbox has them; by persona their appointments. */
export async function registrars(database: TestDatabase) {
  const roles = {
    'registration-officer': ['REVIEWER'],
    'registration-deputy': ['REVIEWER', 'APPROVER'],
    'registration-head': ['APPROVER', 'ADMIN'],
  } as const
  const made: Record<string, string> = {}
  for (const [persona, held] of Object.entries(roles))
    made[persona] = nodeIdOf('Appointment', await appointed(database, persona, 'BPQMI', [...held]))
  return made
}
