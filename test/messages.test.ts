import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reasons as applicationReasons } from '../src/applications/refusal.rules.js'
import { dueReasons } from '../src/applications/timelineEntry.table.js'
import { transitions } from '../src/applications/transition.rules.js'
import type { ServiceStatus } from '../src/catalogue/services/service.table.js'
import { UploadState } from '../src/documents/uploads/upload.table.js'
import { AppointmentState } from '../src/identity/officers/appointment.table.js'
import { messages } from '../src/shared/messages.js'

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join('src', path), 'utf8'))
const code = sources.join('\n')
const foundBy = (pattern: RegExp) => [...code.matchAll(pattern)].map(([, found]) => found as string)

const kinds = [
  'fin',
  'voen',
  'iban',
  'postal_index',
  'phone_number',
  'document_number',
  'protocol_series',
  'protocol_number',
  'mrz',
]
const measured = [...kinds.filter((kind) => kind !== 'phone_number'), 'document_country']
const unpublished = [
  'DRAFT',
  'UNDER_OPINION',
  'REGISTERED',
  'INTEGRATED',
  'RETIRED',
] satisfies (keyof typeof ServiceStatus)[]
const notClean = Object.values(UploadState).filter((state) => state !== UploadState.CLEAN)
/** Types of timeline entries that are not events of a transition. */
const otherEntries = ['application.started', 'application.started_by_agency', 'application.signatures_ended']
const entries = [...transitions.filter(({ internal }) => !internal).map(({ event }) => event), ...otherEntries]
/** Reasons that are made of parts, by the parts. */
const made: Record<string, readonly string[]> = {
  'appointment.${state.toLowerCase()}': Object.values(AppointmentState).map(
    (state) => `appointment.${state.toLowerCase()}`,
  ),
  'service.${status.toLowerCase()}': unpublished.map((status) => `service.${status.toLowerCase()}`),
  'upload.${state.toLowerCase()}': notClean.map((state) => `upload.${state.toLowerCase()}`),
  'application.${reason}': applicationReasons.map((reason) => `application.${reason}`),
  "type.replace('application', 'timeline')": entries.map((type) => type.replace('application', 'timeline')),
  "dueReason.replace('term', 'due')": dueReasons.map((reason) => reason.replace('term', 'due')),
  '${code}.missing': kinds.map((kind) => `${kind}.missing`),
  '${code}.character': kinds.map((kind) => `${kind}.character`),
  '${code}.length': measured.map((kind) => `${kind}.length`),
}
const reasons = Object.keys(messages.az ?? {})

describe('The messages of the domains', () => {
  it.each(['en', 'ru'])('have the same reasons in %s as in az', (language) => {
    expect(Object.keys(messages[language] ?? {})).toEqual(reasons)
    expect(reasons.length).toBeGreaterThan(200)
  })

  it.each(['en', 'ru'])('have the same placeholders in %s as in az', (language) => {
    const placeholders = (text = '') => [...new Set(text.match(/\{\w+\}/g))].sort()
    const differ = reasons.filter(
      (reason) => `${placeholders(messages[language]?.[reason])}` !== `${placeholders(messages.az?.[reason])}`,
    )
    expect(differ).toEqual([])
  })

  it('are in one domain each', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('/az.json'))
    const all = files.flatMap((path) => Object.keys(JSON.parse(readFileSync(join('src', path), 'utf8'))))
    expect(all.filter((reason, at) => all.indexOf(reason) !== at)).toEqual([])
  })

  it('have a text for every reason of the code', () => {
    const templates = foundBy(/reason: `([^`]*\.[^`]*)`/g)
    expect(templates.filter((template) => !made[template])).toEqual([])
    const used = [
      ...foundBy(/\b(?:invalid|missing|unknownCode|phrase|notNow|limit|expecting)\(\s*'([\w.]+)'/g).filter((name) =>
        name.includes('.'),
      ),
      ...foundBy(/\bcode: '[A-Z_]+'(?: as const)?,\s*reason: '([^']+)'/g),
      ...foundBy(/\bnew FileRefused\(\s*\d+,\s*'\w+',\s*'([^']+)'/g),
      ...Object.values(made).flat(),
    ]
    expect(used.length).toBeGreaterThan(200)
    expect(used.filter((reason) => !reasons.includes(reason))).toEqual([])
  })

  it('have no text for a reason that the code does not use', () => {
    const used = new Set([...foundBy(/'([\w.]+\.\w+)'/g), ...Object.values(made).flat()])
    expect(reasons.filter((reason) => !used.has(reason))).toEqual([])
  })
})
