// Runs all benches one after another, or the named ones (`npm run bench -- search queue`). `--brief` runs each for a
// moment on little data, to see that it still works; its figures mean nothing.
import { spawnSync } from 'node:child_process'
import { here } from './processes.js'

const benches = ['servers', 'search', 'submit', 'queue', 'exchange', 'events', 'memory']
const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = named.filter((name) => !benches.includes(name))
if (unknown.length > 0 || options.some((option) => option !== '--brief'))
  throw new Error(`bench takes --brief and the names ${benches.join(', ')}; ${process.argv.slice(2).join(' ')} came`)

for (const name of named.length > 0 ? named : benches) {
  console.log(`\n## ${name}\n`)
  const began = performance.now()
  const { status } = spawnSync(process.execPath, [here(`${name}.js`), ...options], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`the bench ${name} failed`)
  console.log(`\n${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
}
