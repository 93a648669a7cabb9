import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Timings } from '../../src/platform/timings.js'
import { drive, type Watched } from '../faults/driver/drive.js'
import { randomOf } from '../faults/driver/random.js'
import { temporaryFolder } from '../support/started.js'
import { keepReading } from './reads.js'

const seed = Number(process.env.SOAK_SEED ?? Date.now() % 100_000)
const seconds = Number(process.env.SOAK_SECONDS ?? 600)

/** Everything that takes minutes or hours otherwise comes several times in a short soak. */
const timings: Timings = {
  connectionLifetime: 5_000,
  sequencerInterval: 50,
  deadlineInterval: 500,
  accessLogInterval: 500,
  orphanedJobInterval: 1_000,
  retentionInterval: 2_000,
  certificateCheckInterval: 2_000,
  rateLimitCleanupInterval: 2_000,
  roundTimeout: 30_000,
  jobTimeout: 30_000,
  longestRestartPause: 5_000,
  issuerKeysFreshFor: 2_000,
  issuerKeysCoolDown: 1_000,
  issuerKeysUsableFor: 10_000,
  tokenLifetime: 10_000,
}

/** A heap that grows without bound ends the process. */
const heap = '--max-old-space-size=256'
/** Bytes by which a process may grow from the first third of its time to the last. */
const growth = 96 * 1024 * 1024

interface Sample {
  pid: number
  role: string
  rss: number
  heapUsed: number
  blocked: number
}

describe('A server that runs', () => {
  const timeout = seconds * 1000 + 300_000
  it(`for ${seconds} seconds loses nothing, restarts nothing and does not grow`, { timeout }, async () => {
    const SOAK_SAMPLES = join(temporaryFolder(), 'samples')
    const tools = ['--import', join(import.meta.dirname, 'sample.js')]
    const { faults, summary } = await drive({
      seed,
      timings,
      command: [process.execPath, heap, ...tools, 'test/support/timedServer.js', JSON.stringify(timings)],
      environment: { SOAK_SAMPLES, FAILPOINTS: '' },
      failpoints: '',
      passing: [],
      resent: 0.1,
      watch,
    })
    const samples = samplesIn(SOAK_SAMPLES)
    console.log(JSON.stringify({ ...summary, processes: measured(samples) }))
    expect([...faults, ...faultsOfProcesses(samples)]).toEqual([])
  })
})

async function watch({ api, output }: Watched): Promise<string[]> {
  const { faults, stop } = keepReading(api, randomOf(seed))
  const health = api.address.replace('/graphql', '/readyz')
  const unready = new Set<string>()
  for (const until = Date.now() + seconds * 1000; Date.now() < until && faults.length === 0; await sleep(1_000)) {
    const report = await fetch(health).then((response) => response.text(), String)
    if (!report.startsWith('{"status":"ready"')) unready.add(report)
  }
  console.log(JSON.stringify({ seed, reads: await stop() }))
  // It says there what went wrong where nobody was waiting.
  const complaints = output()
    .split('\n')
    .filter((line) => /"level":(50|60)|; restarting/.test(line))
  return [...faults, ...unready, ...new Set(complaints)]
}

const samplesIn = (path: string): Sample[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const children = ['api', 'worker', 'sandbox']
const of = (samples: Sample[], role: string) => samples.filter((sample) => sample.role === role)
const least = (samples: Sample[]) => Math.min(...samples.map(({ rss }) => rss))

function measured(samples: Sample[]) {
  return children.map((role) => {
    const own = of(samples, role).slice(5) // not the start
    const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
    const blocked = own.map((sample) => Math.round(sample.blocked)).sort((a, b) => b - a)
    return {
      role,
      megabytes: own.filter((_, at) => at % Math.ceil(own.length / 10) === 0).map(({ rss }) => megabytes(rss)),
      longestBlocked: blocked.slice(0, 5),
    }
  })
}

function faultsOfProcesses(samples: Sample[]): string[] {
  return children.flatMap((role) => {
    const own = of(samples, role).slice(5) // not the start
    const third = Math.floor(own.length / 3)
    const grown = least(own.slice(-third)) - least(own.slice(third, 2 * third))
    return [
      ...(new Set(own.map(({ pid }) => pid)).size === 1 ? [] : [`the ${role} was started again`]),
      ...(grown < growth ? [] : [`the ${role} has grown by ${grown} bytes`]),
    ]
  })
}
