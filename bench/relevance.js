// Prints how many questions of test/catalogue/relevance.data.json find their service first, and among the first three:
// `npm run bench -- relevance`. `node bench/relevance.js --misses` also prints what the tuned sets miss. What is held out
// is only counted, so that nobody tunes the search to it.
import { readFileSync } from 'node:fs'
import { openDatabase } from '../dist/platform/database.js'
import { startDatabase } from './database.js'
import { serverOn } from './serving.js'
import { usually } from './settings.js'

const { tuned, heldOut, everyday } = JSON.parse(
  readFileSync(new URL('../test/catalogue/relevance.data.json', import.meta.url), 'utf8'),
)
const sets = [
  ['tuned', tuned],
  ['held out', heldOut],
  ['everyday, tuned', everyday.tuned],
  ['everyday, held out', everyday.heldOut],
].map(([name, wishes]) => [name, wishes.filter((_, at) => at % usually(1, 10) === 0)])
const query = `query ($text: String!) {
  searchServices(text: $text, first: 3) { nodes { service { code } field highlight { text matched } } }
}`

const database = await startDatabase()
const served = await openDatabase(database.url, { connections: 1, statementTimeout: 10_000 })
const app = await serverOn(served)
try {
  console.log('| questions | first | among the first three |\n|---|---|---|')
  const misses = []
  for (const [name, wishes] of sets) {
    const places = []
    for (const [text, code] of wishes) {
      const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query, variables: { text } } })
      const { data, errors } = response.json()
      if (errors) throw new Error(JSON.stringify(errors))
      const found = data.searchServices.nodes.map(({ service }) => service.code)
      places.push(found.indexOf(code))
      if (found[0] !== code && !name.includes('held out')) misses.push([text, code, found])
    }
    const share = (count) => `${count} (${Math.round((100 * count) / wishes.length)} %)`
    const [first, within] = [places.filter((at) => at === 0).length, places.filter((at) => at >= 0).length]
    console.log(`| ${name} (${wishes.length}) | ${share(first)} | ${share(within)} |`)
  }
  if (process.argv.includes('--misses'))
    for (const [text, code, found] of misses)
      console.log(`${found.includes(code) ? 'not first' : 'missed   '} ${text} → ${code}: ${found.join(' ')}`)
} finally {
  await app.close()
  await served.close()
  await database.stop()
}
