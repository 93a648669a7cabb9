import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Timings } from '../../src/platform/timings.js'
import { uploadLimits } from '../../src/shared/uploadLimits.js'
import type { Api } from '../faults/driver/clients.js'
import { drive, type Watched } from '../faults/driver/drive.js'
import { randomOf } from '../faults/driver/random.js'
import { temporaryFolder } from '../support/started.js'
import { type Excuses, excusesFor } from './excuses.js'
import { keepSending } from './files.js'
import { keepDoing } from './keepDoing.js'
import { rotateKeys, rotateLoginKey, verifyLog } from './keys.js'
import { keepCalling } from './programs.js'
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
  reconciliationInterval: 2_000,
  certificateCheckInterval: 2_000,
  filingBatchInterval: 200,
  filingBatchRound: 1_000,
  rateLimitCleanupInterval: 2_000,
  roundTimeout: 30_000,
  retentionTimeout: 30_000,
  jobTimeout: 30_000,
  longestRestartPause: 5_000,
  issuerKeysFreshFor: 2_000,
  issuerKeysCoolDown: 1_000,
  issuerKeysUsableFor: 10_000,
  tokenLifetime: 10_000,
  programTokenLifetime: 6_000,
  programUseInterval: 1_000,
  uploadUrlLifetime: 10_000,
  downloadUrlLifetime: 5_000,
  pdfWait: 4_000,
  leftoverFileLifetime: 20_000,
  registryAnswersFreshFor: 2_000,
  unknownFinesFreshFor: 1_000,
  revocationListsFreshFor: 1_000,
  signingKeysFreshFor: 2_000,
}
/** How long an announced file may be sent, in hours as in UPLOAD_HOURS. */
const uploadHours = 15 / 3_600

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
  const timeout = seconds * 1000 + 600_000
  it(`for ${seconds} seconds loses nothing, restarts only when asked and does not grow`, { timeout }, async () => {
    const SOAK_SAMPLES = join(temporaryFolder(), 'samples')
    const tools = ['--import', join(import.meta.dirname, 'sample.js')]
    const { faults, summary } = await drive({
      seed,
      timings,
      command: [
        process.execPath,
        heap,
        ...tools,
        'test/support/timedServer.js',
        JSON.stringify(timings),
        JSON.stringify({ uploads: { ...uploadLimits, hours: uploadHours } }),
      ],
      environment: { SOAK_SAMPLES, FAILPOINTS: '', LOCK_TIMEOUT_MS: '15000' },
      failpoints: '',
      passing: [],
      resent: 0.1,
      longest: 180_000,
      watch,
    })
    const samples = samplesIn(SOAK_SAMPLES)
    console.log(JSON.stringify({ ...summary, processes: measured(samples) }))
    expect([...faults, ...faultsOfProcesses(samples)]).toEqual([])
  })
})

/** The keys rotate once in a minute of soak, and four times in ten, all in the first half. */
const rotations = Math.max(1, Math.floor(seconds / 150))
const rotatesAt = Array.from({ length: rotations }, (_, at) => ((at + 1) * seconds * 1000) / 2 / (rotations + 1))

async function watch(watched: Watched): Promise<string[]> {
  const { api, output } = watched
  const doing = [
    ...keepReading(api, randomOf(seed), timings),
    keepSending(api, timings),
    keepCalling(api, timings),
    keepAsking(api),
  ]
  const faults = () => doing.flatMap((one) => one.faults)
  const excuses = excusesFor(api)
  const began = Date.now()
  const passed = async (milliseconds: number) => {
    while (Date.now() - began < milliseconds && faults().length === 0) await sleep(100)
  }
  for (const moment of rotatesAt) {
    await passed(moment)
    await rotateKeys(watched, excuses)
  }
  await passed((seconds * 1000) / 2)
  await rotateLoginKey(watched, excuses)
  await passed(seconds * 1000)
  const rounds = await Promise.all(doing.map((one) => one.stop()))
  console.log(JSON.stringify({ seed, rounds, starved: excuses.starved() }))
  console.log(await verifyLog(watched))
  return [...faults(), ...complaintsIn(output(), excuses)]
}

/** Requires every dependency of the API. Beside other work, one may need more than its two seconds for a moment. */
function keepAsking(api: Api) {
  let lastReady = Date.now()
  return keepDoing('/readyz', api, 2_000, async () => {
    const url = new URL('/readyz', api.address)
    const report = await (await fetch(url, { signal: AbortSignal.timeout(20_000) })).text()
    if (report.startsWith('{"status":"ready"')) lastReady = Date.now()
    if (Date.now() - lastReady > 20_000) throw new Error(report)
  })
}

/** Logged when PostgreSQL needs more than a second, as beside other work. */
const isSlowness = (line: string) => line.includes('limits by caller are counted in this process alone')

/** Lines about what went wrong where nobody was waiting. */
const complaintsIn = (output: string, { isExcused }: Excuses): string[] => {
  const lines = output.split('\n').filter((line) => /"level":(50|60)|; restarting/.test(line) && !isSlowness(line))
  return [...new Set(lines.filter((line) => !isExcused(JSON.parse(line).time)))]
}

const samplesIn = (path: string): Sample[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** How often each was started: at the begin, with each rotation, and the sandbox for another key of the login. */
const starts = { api: 1 + rotations, worker: 1 + rotations, sandbox: 2 + rotations }
const least = (samples: Sample[]) => Math.min(...samples.map(({ rss }) => rss))

/** The samples of the last process of a role, but for its start. */
function lastOf(samples: Sample[], role: string): Sample[] {
  const own = samples.filter((sample) => sample.role === role)
  return own.filter(({ pid }) => pid === own.at(-1)?.pid).slice(5)
}

function measured(samples: Sample[]) {
  return Object.keys(starts).map((role) => {
    const own = lastOf(samples, role)
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
  return Object.entries(starts).flatMap(([role, wanted]) => {
    const own = lastOf(samples, role)
    const third = Math.floor(own.length / 3)
    const grown = least(own.slice(-third)) - least(own.slice(third, 2 * third))
    const started = new Set(samples.filter((sample) => sample.role === role).map(({ pid }) => pid)).size
    return [
      ...(started === wanted ? [] : [`the ${role} must start ${wanted} times; it started ${started} times`]),
      ...(grown < growth ? [] : [`the ${role} has grown by ${grown} bytes`]),
    ]
  })
}
