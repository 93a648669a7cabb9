import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, ask } from '../faults/driver/clients.js'
import { oneOf, type Random } from '../faults/driver/random.js'

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
    query: '{ service(code: "DIN-ID-ISSUE") { currentVersion { form { schema } fees { confidence } } } }',
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

/** Reads until it is stopped; the first error that should not be ends it. */
export function keepReading(api: Api, random: Random) {
  const faults: string[] = []
  let stopping = false
  let answered = 0
  const run = async (all: Read[], pause: number, allowed: string[]) => {
    while (!stopping && faults.length === 0) {
      const { persona, query } = oneOf(random, all)
      const { errors, broken } = await ask(api, query, {}, persona)
      const wrong = errors?.find(({ extensions }) => !allowed.includes(extensions.code))
      if (wrong || broken) faults.push(`${query}: ${wrong ? JSON.stringify(wrong) : broken}`)
      answered++
      await sleep(random() * pause)
    }
  }
  const running = Promise.all([run(reads, 20, []), run(reads, 20, []), run(hostile, 500, mayBeRefusedWith)])
  const stop = async () => {
    stopping = true
    await running
    return answered
  }
  return { faults, stop }
}
