import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  cutConnections,
  hasEnded,
  postgresOf,
  type Started,
  type StartOptions,
  start,
  withClient,
} from '../../support/started.js'
import { oneOf, type Random } from './random.js'

const kinds = ['api', 'worker', 'login', 'postgres', 'supervisor', 'hung api', 'hung worker', 'connections'] as const
export type Kind = (typeof kinds)[number]

/** As often as the two others together, because a whole start is expensive. */
const hat: Kind[] = [
  ...Array<Kind>(6).fill('api'),
  ...Array<Kind>(6).fill('worker'),
  ...Array<Kind>(3).fill('postgres'),
  ...Array<Kind>(2).fill('supervisor'),
  ...Array<Kind>(4).fill('connections'),
  'login',
  'hung api',
  'hung worker',
]
/** Each kind once, then at random. */
export const drawKinds = (random: Random, count: number): Kind[] =>
  [...kinds, ...Array.from({ length: count }, () => oneOf(random, hat))].slice(0, count)

const failpoints = {
  api: ['command.keyed', 'command.acted', 'command.committed'],
  worker: ['sequencer.positioned', 'sequencer.swept', 'tick.recorded', 'job.ran'],
}

export interface Installation {
  dataDir: string
  port: number
  sandboxPort: number
  checkout?: string
  /** Failpoints of the first processes of a start. Drawn anew each time by default. */
  failpoints?: string | (() => string)
  /** The file to start. Defaults to `dist/main.js`. */
  command?: string[]
  environment?: Record<string, string>
  lifetime?: StartOptions['lifetime']
}

/** Starts it, and restarts it whenever it ends, like systemd. */
export function keepRunning(installation: Installation, random: Random) {
  const { dataDir, port, sandboxPort, checkout, command, lifetime = 'test' } = installation
  const ports = { PORT: String(port), SANDBOX_PORT: String(sandboxPort) }
  let current: Started
  let killed = 0
  let revived = 0
  const begin = async () => {
    for (let tried = 0; tried < 5; tried++) {
      const { failpoints = () => drawFailpoints(random) } = installation
      const FAILPOINTS = typeof failpoints === 'string' ? failpoints : failpoints()
      const limits = { RATE_REQUESTS: '999999999', RATE_COMMANDS: '999999999', REQUEST_TIMEOUT_MS: '20000' }
      const environment = { ...ports, LOG_LEVEL: 'warn', FAILPOINTS, ...limits, ...installation.environment }
      current = start(dataDir, { environment, lifetime, ...(checkout && { checkout }), ...(command && { command }) })
      current.process.stdout?.on('data', (lines) => {
        revived += String(lines).split('ended; restarting').length - 1
      })
      if (await current.open) return
    }
    throw new Error(`it does not start again: ${(await current.ended).errors}`)
  }
  const restartWithout = async (pid: number) => {
    const { process: child } = current
    const ended = hasEnded(child) ? undefined : once(child, 'exit')
    signal(pid, 'SIGKILL')
    // Only the process: its children may end a little later.
    await ended
    await begin()
  }
  let young = 0
  /** A supervisor gives up after seven failed starts: after two that are killed at once, one may live. */
  const foundChild = async (kind: Kind): Promise<number> => {
    for (;;) {
      const child = await found(kind, current, () => childOf(current, roleOf(kind)))
      const age = ageOf(child)
      young = age < grownUp ? young + 1 : 0
      if (young <= 2) return child
      await sleep(grownUp - age)
    }
  }
  const kill = async (kind: Kind) => {
    if (kind === 'supervisor') return await restartWithout(current.process.pid as number)
    if (kind === 'postgres') {
      const postgres = await found(kind, current, () => postgresOf(dataDir))
      // With its backends, or alone; they then end by themselves.
      return await restartWithout(random() < 0.5 ? -postgres : postgres)
    }
    if (kind === 'connections') return await cutForAWhile(dataDir, random)
    const child = await foundChild(kind)
    if (kind.startsWith('hung') && signal(child, 'SIGSTOP')) await sleep(300 + random() * 900)
    signal(child, 'SIGKILL')
    killed++
  }
  const stop = async () => {
    current.process.kill('SIGTERM')
    return await current.ended
  }
  let former = ''
  const output = () => former + current.output()
  const restart = async (between: () => void) => {
    const { code, errors } = await stop()
    if (code !== 0) throw new Error(`it must end with 0 when it is restarted; it ended with ${code}: ${errors}`)
    former = output()
    between()
    await begin()
    await current.login
  }
  const endSandbox = () => void process.kill(childOf(current, 'sandbox') as number, 'SIGTERM') // it is there
  return {
    begin,
    kill,
    stop,
    restart,
    endSandbox,
    output,
    current: () => current,
    diedAtFailpoints: () => revived - killed,
  }
}

/** If PostgreSQL ends meanwhile, or is down, the connections are cut as well. */
const cutForAWhile = (dataDir: string, random: Random) =>
  withClient(dataDir, async (client) => {
    for (let round = 0; round < 1 + random() * 10; round++) {
      await cutConnections(client)
      await sleep(random() * 50)
    }
  }).catch(() => {})

/** It may be restarting. */
async function found(kind: Kind, { process, ended }: Started, find: () => number | undefined): Promise<number> {
  const late = Date.now() + 60_000
  for (; Date.now() < late; await sleep(10)) {
    const pid = find()
    if (pid) return pid
    if (hasEnded(process)) throw new Error(`it ended by itself: ${(await ended).errors}`)
  }
  throw new Error(`there must be a process to kill (${kind}); there is none`)
}

function drawFailpoints(random: Random): string {
  const drawn = (role: keyof typeof failpoints) =>
    `${oneOf(random, failpoints[role])}=kill@${1 + Math.floor(random() * 12)}`
  return `${drawn('api')},${drawn('worker')}`
}

const roleOf = (kind: Kind) => (kind === 'login' ? 'sandbox' : kind.endsWith('api') ? 'api' : 'worker')

/** Undefined while it restarts. */
function childOf({ process: { pid: supervisor } }: Started, role: string): number | undefined {
  try {
    const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ')
    return children
      .map(Number)
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith(`main.js\0${role}\0`))
  } catch {
    return undefined
  }
}

/** Age in milliseconds at which a process has started. */
const grownUp = 2000
/** In milliseconds; 0 if there is none. */
function ageOf(pid: number): number {
  try {
    const [uptime] = readFileSync('/proc/uptime', 'utf8').split(' ')
    const since = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19]
    return Number(uptime) * 1000 - Number(since) * 10 // ticks of a hundredth of a second
  } catch {
    return 0
  }
}

/** False if it has ended meanwhile. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
