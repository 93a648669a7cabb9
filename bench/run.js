// Runs all benches one after another, or the named ones (`npm run bench -- search queue`). `--brief` runs each for a
// moment on little data, two at a time, to see that it still works; its figures mean nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { seedFolder } from './database.js'
import { here } from './processes.js'
import { usually } from './settings.js'
import { keyringText } from './signIn.js'

const benches = [
  'servers',
  'memory',
  'search',
  'relevance',
  'submit',
  'payments',
  'queue',
  'exchange',
  'events',
  'filings',
]
const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = named.filter((name) => !benches.includes(name))
if (unknown.length > 0 || options.some((option) => option !== '--brief'))
  throw new Error(`bench takes --brief and the names ${benches.join(', ')}; ${process.argv.slice(2).join(' ')} came`)

const waiting = named.length > 0 ? named : benches
const seeded = await usually(undefined, seedFolder)?.()
const environment = { ...process.env, ...(seeded && { BENCH_SEEDED: seeded, BENCH_KEYRING: keyringText }) }
try {
  await Promise.all(Array.from({ length: usually(1, 2) }, runThose))
} finally {
  if (seeded) rmSync(seeded, { recursive: true })
}

async function runThose() {
  for (let name = waiting.shift(); name && !process.exitCode; name = waiting.shift()) await run(name)
}

/** Shows what it writes at once, or at its end if it has company. */
async function run(name) {
  const began = performance.now()
  const child = spawn(process.execPath, [here(`${name}.js`), ...options], {
    env: environment,
    stdio: ['ignore', usually('inherit', 'pipe'), 'inherit'],
  })
  const heading = `\n## ${name}\n`
  const written = child.stdout && text(child.stdout)
  if (!written) console.log(heading)
  const [status] = await once(child, 'close')
  if (written) console.log(`${heading}\n${(await written).trim()}`)
  console.log(`\n${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  if (status === 0) return
  console.error(`the bench ${name} failed`)
  process.exitCode = 1
}
