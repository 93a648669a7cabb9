import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Timings } from '../../../src/platform/timings.js'
import { freePorts } from '../../../src/sandbox/freePorts.js'
import { tokensOf } from '../../support/personaTokens.js'
import { temporaryFolder, usedDataDir, withClient } from '../../support/started.js'
import { applicationDeeds } from './applicationDeeds.js'
import { catalogueDeeds } from './catalogueDeeds.js'
import { faultsOfEvents, faultsOfJobs, faultsOfKeys, faultsOfPositions, faultsOfStrangers } from './checker.js'
import { type Api, type Giving, giveCommands, passing as usuallyPassing } from './clients.js'
import type { Deeds, Done } from './deed.js'
import { follow } from './follower.js'
import { journalIn } from './journal.js'
import { type Installation, type Kind, keepRunning } from './killer.js'
import { randomOf } from './random.js'
import { sightOf } from './sight.js'

interface Drive
  extends Pick<Giving, 'seed' | 'forgetKeys' | 'longest' | 'resent'>,
    Pick<Installation, 'checkout' | 'failpoints' | 'command' | 'environment'> {
  kills?: Kind[]
  /** A final disturbance after the last kill, and the errors it finds. */
  watch?(server: Watched): Promise<string[]>
  timings?: Timings
  passing?: readonly string[]
}
export interface Watched {
  api: Api
  dataDir: string
  output(): string
  /** Restarts it as an operator does; `between` runs while it is down. */
  restart(between: () => void): Promise<void>
  /** Ends the sandbox's login and registries, which its supervisor restarts. */
  endSandbox(): void
  /** After this, people sign in again. */
  forgetTokens(): void
}

const domains = [catalogueDeeds, applicationDeeds]

/** Lets clients send commands while processes are killed, and returns the errors at the end. */
export async function drive({
  kills = [],
  watch = async () => [],
  checkout,
  failpoints,
  command,
  environment,
  timings,
  passing = usuallyPassing,
  ...giving
}: Drive) {
  const { seed } = giving
  const dataDir = usedDataDir()
  const journal = journalIn(join(temporaryFolder(), 'journal'))
  const random = randomOf(seed)
  const [port, sandboxPort] = (await freePorts(2)) as [number, number]
  const running = keepRunning({ dataDir, port, sandboxPort, checkout, failpoints, command, environment }, random)
  await running.begin()
  // The API starts before people can sign in, and returns SERVICE_UNAVAILABLE until then, which counts as hanging.
  await running.current().login
  const tokens = new Map<string, () => Promise<string>>()
  const token = (persona = 'operator') => {
    const known = tokens.get(persona) ?? tokensOf(persona, { dataDir, sandboxPort }, timings)
    tokens.set(persona, known)
    return known()
  }
  const api = { address: `http://127.0.0.1:${port}/graphql`, token, passing }
  const follower = follow(api)
  const look = () => sightOf(dataDir, running.current())
  const given = giveCommands({ api, journal, look, domains, clients: 6, ...giving })
  const faults: string[] = []
  const met: Kind[] = []
  // Deaths at failpoints count too.
  const killed = () => met.length + running.diedAtFailpoints()
  try {
    // Enough to meet a failpoint of the first start.
    await given.answered(2)
    for (const kind of kills) {
      if (faults.length > 0 || given.faults.length > 0 || killed() >= kills.length) break
      met.push(kind)
      await running.kill(kind)
      if (kind === 'postgres') {
        const lost = await withClient(dataDir, (client) => faultsOfKeys(client, journal))
        faults.push(...lost.map((fault) => `after kill ${killed()} (${kind}): ${fault}`))
      }
      // Some kills meet a server that is still recovering.
      if (random() < 0.7) await given.answered(1)
      await sleep(random() * 200)
    }
    faults.push(...(await watch({ ...running, api, dataDir, forgetTokens: () => tokens.clear() })))
  } finally {
    await given.stop()
  }
  faults.push(...given.faults)
  // An existing error needs no time to settle, and a planted bug would take all of it.
  const patience = faults.length > 0 ? 0 : checkout || giving.forgetKeys ? 5_000 : 60_000
  const ground = { journal, domains, follower, patience, look }
  faults.push(...(await withClient(dataDir, (client) => faultsAtTheEnd({ client, ...ground }))))
  const done = journal.done()
  const { code, errors } = await running.stop()
  if (code !== 0) faults.push(`it must end with 0 at the end; it ended with ${code}: ${errors}`)
  if (faults.length > 0 && kills.length > 0) faults.unshift(`it ended after ${killed()} of ${kills.length} kills`)
  return {
    faults,
    summary: {
      seed,
      kills: countBy(met),
      diedAtFailpoints: running.diedAtFailpoints(),
      acknowledged: countBy(done.map(({ deed }) => deed)),
      replayed: done.filter(({ replayed }) => replayed).length,
      changesRead: follower.seen(),
    },
  }
}

interface AtTheEnd {
  client: Parameters<Deeds['faults']>[0]
  journal: ReturnType<typeof journalIn>
  domains: Deeds[]
  follower: ReturnType<typeof follow>
  /** Milliseconds. */
  patience: number
  look(): Promise<string>
}
/** Waits for the work that follows from commands, then reports the remaining errors. */
async function faultsAtTheEnd({ client, journal, domains, follower, patience, look }: AtTheEnd): Promise<string[]> {
  const settled = async () => [
    ...(await faultsOfPositions(client)),
    ...(await faultsOfJobs(client)),
    ...(await Promise.all(domains.map(({ faults, deeds }) => faults(client, ofThese(deeds, journal.done()))))).flat(),
  ]
  const late = Date.now() + patience
  let unsettled = await settled()
  for (; unsettled.length > 0 && Date.now() < late; unsettled = await settled()) await sleep(250)
  const deeds = domains.flatMap(({ deeds }) => deeds)
  return [
    ...unsettled,
    ...(unsettled.length > 0 ? [await look()] : []),
    ...(await faultsOfKeys(client, journal)),
    ...(await faultsOfStrangers(client, journal, deeds)),
    ...(await faultsOfEvents(client, journal, deeds)),
    ...(await follower.faults(client)),
  ]
}

const ofThese = (deeds: Deeds['deeds'], done: Done[]) =>
  done.filter(({ deed }) => deeds.some(({ name }) => name === deed))

function countBy(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
