import type { Sql } from 'postgres'
import { legalDate } from '../../../src/shared/time.js'
import { completeService } from '../../support/published.js'
import type { Deed, Deeds, Done } from './deed.js'
import { oneOf, type Random } from './random.js'

interface World {
  client: string
  made: number
  /** By code, the services that still allow commands. */
  services: Map<string, 'ACTIVE' | 'SUSPENDED'>
}

/** In Baku; later and longer than any drive takes. */
const daysAhead = (days: number) => legalDate(new Date(Date.now() + days * 86_400_000))
const isComing = ({ version }: { version: { validFrom: string } }) => version.validFrom > daysAhead(1)
const text = (words: string) => ({ az: words, en: words, ru: words })
const soon = () => new Date(Date.now() + 3000).toISOString()
const never = new Date(Date.now() + 5 * 365 * 86_400_000).toISOString()

function inState(random: Random, { services }: World, ...states: string[]): string | undefined {
  const codes = [...services].filter(([, state]) => states.includes(state)).map(([code]) => code)
  return codes.length > 0 ? oneOf(random, codes) : undefined
}

/** Each always succeeds, so a repeated execution leaves two events. */
const registerAgency: Deed<World> = {
  name: 'registerAgency',
  part: 'agency',
  event: 'agency.registered',
  input: (_random, world) => {
    const code = `A${++world.made}-${world.client}`
    return { code, type: 'STATE_AGENCY', name: text(code), source: 'An act' }
  },
  done: () => {},
}

const publishService: Deed<World> = {
  name: 'publishService',
  part: 'service',
  event: 'service.published',
  // In case it becomes midnight in Baku before the command runs.
  mayBeRefused: 'version.begins_in_the_past',
  input: (random, world) => {
    const standing = random() < 0.7 && inState(random, world, 'ACTIVE', 'SUSPENDED')
    // Rules that begin later keep an open service open.
    const isLater = standing && world.services.get(standing) === 'ACTIVE' && random() < 0.4
    return completeService(standing || `S${++world.made}-${world.client}`, daysAhead(isLater ? 30 : 0))
  },
  done: ({ services }, { code }) => services.set(code, 'ACTIVE'),
}

const suspendService: Deed<World> = {
  name: 'suspendService',
  part: 'service',
  event: 'service.suspended',
  mayBeRefused: 'suspension.ends_in_the_past',
  input: (random, world) => {
    const code = inState(random, world, 'ACTIVE', 'SUSPENDED')
    return code ? { code, reason: text('Works'), until: oneOf(random, [soon(), never, null]) } : undefined
  },
  done: ({ services }, { code, until }) => {
    if (until === null || until === never) services.set(code, 'SUSPENDED')
    // Its deadline ends it.
    else services.delete(code)
  },
}

const retireService: Deed<World> = {
  name: 'retireService',
  part: 'service',
  event: 'service.retired',
  input: (random, world) => {
    const code = random() < 0.3 && inState(random, world, 'ACTIVE', 'SUSPENDED')
    return code ? { code, reason: text('No more') } : undefined
  },
  done: ({ services }, { code }) => services.delete(code),
}

export const catalogueDeeds: Deeds<World> = {
  deeds: [registerAgency, publishService, suspendService, retireService],
  world: (client) => ({ client, made: 0, services: new Map() }),
  faults: async (client, done) => [
    ...(await faultsOfServices(client, done)),
    ...(await faultsOfAgencies(client, done)),
  ],
}

async function faultsOfAgencies(client: Sql, done: Done[]): Promise<string[]> {
  const registered = done.filter(({ deed }) => deed === 'registerAgency')
  const rows = await client`select id, code from agencies`
  const codes = new Map(rows.map(({ id, code }) => [id, code]))
  return registered
    .filter(({ made, input }) => codes.get(made) !== input.code)
    .map(({ key, input }) => `lost: registerAgency ${key}: there is no ${input.code}`)
}

/** Checks each service: its state after the last command, and the number of versions and ends of suspensions. */
async function faultsOfServices(client: Sql, done: Done[]): Promise<string[]> {
  const ofServices = new Map<string, Done[]>()
  for (const deed of done.filter(({ deed }) => deed !== 'registerAgency'))
    ofServices.set(deed.made, [...(ofServices.get(deed.made) ?? []), deed])
  const rows = await client`
    select id, code, status,
      (select count(*)::int from service_versions where service_id = services.id) as versions,
      (select count(*)::int from service_versions where service_id = services.id and withdrawn_at is not null) as withdrawn,
      (select count(*)::int from deadlines where subject = services.id) as deadlines,
      (select count(*)::int from events where subject = services.id and type = 'service.suspension_ended') as ended,
      (select count(*)::int from events where subject = services.id and type = 'service.resumed') as resumed
    from services`
  const standing = new Map(rows.map(({ id, ...row }) => [id, row]))
  return [...ofServices].flatMap(([id, deeds]) => {
    const expected = expectedOf(deeds)
    const found = standing.get(id)
    return JSON.stringify(found) === JSON.stringify(expected)
      ? []
      : [`${id} must be ${JSON.stringify(expected)}; it is ${JSON.stringify(found)}`]
  })
}

function expectedOf(deeds: Done[]) {
  const last = deeds.at(-1) as Done
  const until = last.deed === 'suspendService' ? last.input.until : null
  const published = deeds.filter(({ deed }) => deed === 'publishService')
  const begins = published.length > 0 && isComing(published.at(-1)?.input)
  const timed = until !== null && until !== never
  const status = { publishService: 'ACTIVE', suspendService: timed ? 'ACTIVE' : 'SUSPENDED', retireService: 'RETIRED' }
  return {
    code: last.input.code,
    status: status[last.deed as keyof typeof status],
    versions: published.length,
    // It had not begun when the next was published.
    withdrawn: published.slice(0, -1).filter(({ input }) => isComing(input)).length,
    deadlines: (until === never ? 1 : 0) + (begins && last.deed !== 'retireService' ? 1 : 0),
    ended: timed ? 1 : 0,
    resumed: timed ? 1 : 0,
  }
}
