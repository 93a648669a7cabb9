import { z } from 'zod'
import { legalDate } from '../shared/time.js'
import type { RegistryCode } from './registries.js'
import type { Records } from './registriesFile.js'
import {
  type Answering,
  find,
  noSuchResource,
  notHeld,
  type Parts,
  type Question,
  refusal,
  wrongMethod,
} from './registryQuestion.js'
import { asPaid, protocols } from './trafficProtocols.js'

const most = 100

/** A batch request; persons without a record are missing. */
const manyOf =
  <Code extends 'POPULATION' | 'COMMERCIAL'>(
    code: Code,
    asked: string,
    plural: string,
    identifierOf: (entry: Records[Code][number]) => string,
  ): Answering =>
  (question, parts) => {
    if (question.path.join('/') !== 'query') return noSuchResource(question)
    if (question.method !== 'POST') return wrongMethod('POST', question)
    const identifiers = listIn(question.body, asked)
    if (!identifiers)
      return refusal(
        400,
        'wrong_query',
        `the body must be {"${asked}": […]} with 1 to ${most} texts`,
        'got another body',
      )
    // The cast: TypeScript does not link the entries of a code to that code.
    const entries = parts.records[code] as Records[Code][number][]
    const found = [...new Set(identifiers)].flatMap((identifier) => {
      const entry = find(entries, (entry) => identifierOf(entry) === identifier, parts)
      return entry ? [entry] : []
    })
    return { status: 200, body: { [plural]: found } }
  }

function listIn(body: Buffer, name: string): string[] | undefined {
  const schema = z.strictObject({ [name]: z.array(z.string()).min(1).max(most) })
  try {
    return schema.parse(JSON.parse(body.toString()))[name]
  } catch {
    return undefined // the answer says that the caller must correct it
  }
}

const fin = /^[0-9A-Z]{7}$/
const voen = /^\d{10}$/
const finOrVoen = new RegExp(`${fin.source}|${voen.source}`)
/** A country and a number, written as one. */
const document = /^[A-Z]{1,3}:[^:]+$/

type OneByOne = Exclude<RegistryCode, 'POPULATION' | 'COMMERCIAL'>

/** One person, by kind of identifier. */
const oneOf =
  <Code extends OneByOne>(
    code: Code,
    kinds: Record<string, RegExp>,
    show: (entry: Records[Code][number], question: Question, parts: Parts) => object = (entry) => entry,
  ): Answering =>
  (question, parts) => {
    const [kind = '', ...identifier] = question.path
    const subject = identifier.join(':')
    const pattern = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
    if (!pattern || !subject) return noSuchResource(question)
    if (question.method !== 'GET') return wrongMethod('GET', question)
    // The cast: as above.
    const entries = parts.records[code] as Records[Code][number][]
    const entry = find(entries, (entry) => entry.subject === subject && pattern.test(subject), parts)
    return entry ? { status: 200, body: show(entry, question, parts) } : notHeld
  }

const traffic = oneOf('FINES', { persons: fin, companies: voen }, (entry, { query }, { finePayments }) => {
  const vehicle = query.get('vehicle')
  const fines = entry.fines.filter((fine) => vehicle === null || fine.vehicle === vehicle)
  return { ...entry, fines: fines.map((fine) => asPaid(fine, finePayments)) }
})

export const answers: Record<RegistryCode, Answering> = {
  POPULATION: manyOf('POPULATION', 'fins', 'persons', ({ fin }) => fin),
  COMMERCIAL: manyOf('COMMERCIAL', 'voens', 'companies', ({ voen }) => voen),
  FINES: (question, parts) => (question.path[0] === 'protocols' ? protocols : traffic)(question, parts),
  REALESTATE: oneOf('REALESTATE', { owners: finOrVoen }),
  MEIS: oneOf('MEIS', { persons: fin, companies: voen }),
  IAMAS: oneOf('IAMAS', { persons: fin, documents: document }),
  AVIS: oneOf('AVIS', { taxpayers: finOrVoen }, ({ subject, debts }, _question, { now }) => ({
    subject,
    asOf: legalDate(now),
    debts,
  })),
  CIVIL: oneOf('CIVIL', { persons: fin }),
}
