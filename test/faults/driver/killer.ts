import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { postgresOf, type Started, start } from '../../support/started.js'
import { oneOf, type Random } from './random.js'

const kinds = ['api', 'worker', 'postgres', 'supervisor', 'hung api', 'hung worker'] as const
export type Kind = (typeof kinds)[number]

/** As often as the one or the other, for what costs a whole start is dear. */
const hat: Kind[] = [
  ...Array<Kind>(6).fill('api'),
  ...Array<Kind>(6).fill('worker'),
  ...Array<Kind>(3).fill('postgres'),
  ...Array<Kind>(2).fill('supervisor'),
  ...(['hung api', 'hung worker'] as const),
]
export const drawKinds = (random: Random, count: number): Kind[] =>
  Array.from({ length: count }, () => oneOf(random, hat))

const failpoints = {
  api: ['command.keyed', 'command.acted', 'command.committed'],
  worker: ['sequencer.positioned', 'sequencer.swept', 'tick.recorded'],
}

export interface Installation {
  dataDir: string
  port: number
  checkout?: string
  environment?: Record<string, string>
  /** Armed in the first processes of a start; drawn anew each time where nothing is said. */
  failpoints?: string
}

/** Starts it, and starts it again whenever it has ended, as systemd would. */
export function keepRunning(installation: Installation, random: Random) {
  let current: Started
  let starts = 0
  const begin = async () => {
    for (let tried = 0; tried < 5; tried++) {
      const drawn = starts === 0 ? '' : drawFailpoints(random)
      starts++
      current = start(installation.dataDir, {
        ...(installation.checkout && { checkout: installation.checkout }),
        environment: {
          ...{ PORT: String(installation.port), LOG_LEVEL: 'fatal', FAILPOINTS: installation.failpoints ?? drawn },
          ...{ RATE_REQUESTS: '999999999', RATE_COMMANDS: '999999999', REQUEST_TIMEOUT_MS: '5000' },
          ...installation.environment,
        },
      })
      if (await current.open) return
    }
    throw new Error(`it does not start again: ${(await current.ended).errors}`)
  }
  const kill = async (kind: Kind) => {
    const supervisor = current.process.pid as number
    if (kind === 'postgres' || kind === 'supervisor') {
      const postgres = postgresOf(installation.dataDir)
      if (kind === 'supervisor') current.process.kill('SIGKILL')
      // With its backends, or alone; they end by themselves then.
      else if (postgres) process.kill(random() < 0.5 ? -postgres : postgres, 'SIGKILL')
      await gone(current)
      await begin()
    } else {
      const child = childOf(supervisor, kind.endsWith('api') ? 'api' : 'worker')
      if (!child) return
      if (kind.startsWith('hung') && signal(child, 'SIGSTOP')) await sleep(300 + random() * 900)
      signal(child, 'SIGKILL')
    }
  }
  const stop = async () => {
    current.process.kill('SIGTERM')
    return await current.ended
  }
  return { begin, kill, stop, starts: () => starts }
}

function drawFailpoints(random: Random): string {
  const drawn = (role: keyof typeof failpoints) =>
    `${oneOf(random, failpoints[role])}=kill@${1 + Math.floor(random() * 30)}`
  return `${drawn('api')},${drawn('worker')}`
}

/** The process alone: its children may end a little later. */
const gone = ({ process: child }: Started) =>
  new Promise<void>((settle) => {
    if (child.exitCode !== null || child.signalCode !== null) settle()
    else child.once('exit', () => settle())
  })

/** Undefined while it is being started again. */
function childOf(supervisor: number, role: string): number | undefined {
  try {
    const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ')
    return children
      .map(Number)
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith(`main.js\0${role}\0`))
  } catch {
    return undefined
  }
}

/** False where it has ended meanwhile. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
