import type { Timings } from '../../src/platform/timings.js'
import { type Api, ask } from '../faults/driver/clients.js'
import { oneOf, type Random } from '../faults/driver/random.js'
import { type Doing, dataOf, keepDoing } from './keepDoing.js'

interface Read {
  persona: string
  query: string
}

const page = 'pageInfo { hasNextPage endCursor }'
const reads: Read[] = [
  { persona: 'citizen', query: `{ services(first: 100) { nodes { code name agency { name } } ${page} } }` },
  { persona: 'citizen', query: '{ searchServices(text: "pasport", first: 10) { nodes { service { name } } } }' },
  { persona: 'citizen', query: '{ suggestServices(text: "şəx", first: 5) { text } }' },
  {
    persona: 'citizen',
    query: '{ service(code: "DIN-ID-ISSUE") { currentVersion { form { schema } tariffs { fees { confidence } } } } }',
  },
  { persona: 'citizen', query: '{ viewer { person { population { record { surname } provenance { messageId } } } } }' },
  {
    persona: 'citizen',
    query: `{ applications(first: 20) { nodes { number state viewerCan { action allowed } timeline(first: 10) {
      nodes { at } } } ${page} } }`,
  },
  { persona: 'registration-deputy', query: `{ agencyApplications(first: 20) { nodes { number state } ${page} } }` },
  { persona: 'citizen', query: '{ documents(first: 20) { nodes { number } } accessLog(first: 20) { nodes { at } } }' },
]

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')
const forms = (count: number) => `{ services(first: 100) { nodes { currentVersion {
  ${times(count, (index) => `f${index}: form { ...G }`)} } } } }
  fragment G on Form { ${times(30, (index) => `s${index}: schema`)} }`
/** At the limits, or beyond them: these may be refused, and must hold nobody up. */
const hostile: Read[] = [
  { persona: 'citizen', query: forms(30) },
  { persona: 'citizen', query: forms(1) },
  {
    persona: 'citizen',
    query: `{ services(first: 100) { nodes { ${times(20, (i) => `v${i}: currentVersion { form { schema } }`)} } } }`,
  },
  { persona: 'citizen', query: '{ services(first: 100) { nodes { currentVersion { form { schema } } } } }' },
  { persona: 'citizen', query: '{ a: __schema { types { fields { type { name } } } } }' },
]
const mayBeRefusedWith = ['TOO_COSTLY', 'BAD_REQUEST']

/** Reads, also at and beyond the limits. Registry answers must be fetched again in time. */
export function keepReading(api: Api, random: Random, { registryAnswersFreshFor }: Timings): Doing[] {
  const read = (what: string, all: Read[], pause: number, allowed: string[]) =>
    keepDoing(what, api, pause, async () => {
      const { persona, query } = oneOf(random, all)
      const { errors, broken } = await ask(api, query, {}, persona)
      const wrong = errors?.find(({ extensions }) => !allowed.includes(extensions.code))
      if (wrong || broken !== undefined) throw new Error(`${query}: ${wrong ? JSON.stringify(wrong) : broken}`)
    })
  let downSince: number | undefined
  return [
    read('reads', reads, 20, []),
    read('more reads', reads, 20, []),
    read('hostile reads', hostile, 500, mayBeRefusedWith),
    keepDoing('registry answers', api, 500, async () => {
      const query = '{ viewer { person { population { provenance { fetchedAt } unavailable { reason } } } } }'
      const { provenance, unavailable } = dataOf(await ask(api, query, {}, 'citizen')).viewer.person.population
      downSince = unavailable ? (downSince ?? Date.now()) : undefined
      if (downSince && Date.now() - downSince > longestDown) throw new Error(`it stays away: ${unavailable.reason}`)
      const age = Date.now() - Date.parse(provenance.fetchedAt)
      if (!unavailable && age > registryAnswersFreshFor + 10_000) throw new Error(`an answer is ${age} ms old`)
    }),
  ]
}
/** Milliseconds: after the registries have restarted, a breaker leaves them alone for ten seconds. */
const longestDown = 30_000
