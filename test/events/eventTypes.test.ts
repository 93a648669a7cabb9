import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { transitions } from '../../src/applications/transition.rules.js'
import { eventTypes } from '../../src/domains.js'
import { nounOf } from '../../src/engine/declare.js'
import { PaymentState } from '../../src/payments/checkout/payment.table.js'
import { RefundState } from '../../src/payments/refunds/refund.table.js'

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('events.ts') && !path.startsWith('explorer'))
  .map((path) => readFileSync(join('src', path), 'utf8'))
  .join('\n')
const foundBy = (pattern: RegExp) => [...sources.matchAll(pattern)].map(([, found]) => found as string)

const declared = new Set(eventTypes.map(({ type }) => type))
/** Types that are made of parts: what the code has, and what comes of it. */
const made: Record<string, readonly string[]> = {
  '`appointment.${what}`': ['made', 'proposed', 'confirmed', 'accepted', 'roles_changed', 'ended'],
  '`charge.${state.toLowerCase()}`': ['cancelled', 'expired'],
  '`payment.${state.toLowerCase()}`': Object.values(PaymentState)
    .filter((state) => state !== PaymentState.CREATED && state !== PaymentState.PENDING)
    .map((state) => state.toLowerCase()),
  '`refund.${state.toLowerCase()}`': Object.values(RefundState).map((state) => state.toLowerCase()),
  "`upload.${marked.state === UploadState.CLEAN ? 'found_clean' : 'refused'}`": ['found_clean', 'refused'],
}
const madeTypes = Object.entries(made).flatMap(([code, ends]) =>
  ends.map((end) => `${/^`(\w+)\./.exec(code)?.[1]}.${end}`),
)
/** Constants that are the type of an event or a deadline. */
const names = new Set(foundBy(/\btype: (\w+)\b/g))
const constants = [...sources.matchAll(/const (\w+) = '(\w+\.\w+)'/g)].flatMap(([, name, type]) =>
  names.has(name as string) ? [type as string] : [],
)
const jobs = foundBy(/\bon: \[([^\]]*)\]/g).flatMap((list) =>
  [...list.matchAll(/'(\w+\.\w+)'/g)].map(([, type]) => type as string),
)
const literals = [
  ...foundBy(/\b(?:type|event)(?::| =) (?:[^,{}\n]*\? )?'(\w+\.\w+)'/g),
  ...foundBy(/\btype(?::| =) [^,{}\n]*\? '[^']+' : '(\w+\.\w+)'/g),
  ...foundBy(/\bhappenedTo\(\w+, '(\w+\.\w+)'/g),
]
/** Of timeline entries, which have types of their own. */
const others = new Set(['application.started_by_agency'])

describe('The types of events', () => {
  it('are declared by their domain if the code records them', () => {
    const recorded = new Set([
      ...literals,
      ...constants,
      ...jobs,
      ...madeTypes,
      ...transitions.map(({ event }) => event),
    ])
    expect([...recorded].filter((type) => !declared.has(type) && !others.has(type) && !type.endsWith('.json'))).toEqual(
      [],
    )
    expect(recorded.size).toBeGreaterThan(90)
  })

  it('are recorded if a domain declares them', () => {
    const known = new Set([...foundBy(/'(\w+\.\w+)'/g), ...madeTypes])
    expect([...declared].filter((type) => !known.has(type))).toEqual([])
    expect(declared.size).toBe(eventTypes.length)
  })

  it('are made of these parts', () => {
    expect(Object.keys(made).filter((code) => !sources.includes(code))).toEqual([])
  })

  it('are shown if the timeline of an application has them', () => {
    const shown = new Map(eventTypes.map(({ type, shown }) => [type, shown !== null]))
    const wrong = transitions.filter(({ event, internal }) => shown.get(event) === (internal === true))
    expect(wrong.map(({ event }) => event)).toEqual([])
  })

  it('name nouns that `node` finds if they are shown', () => {
    const named = eventTypes.flatMap(({ subject, shown }) => (shown ? [subject, ...Object.values(shown.ids)] : []))
    expect(named.map((noun) => noun && nounOf(noun).type)).toEqual(named)
    expect(named).not.toContain(null)
  })

  it('are described in one sentence', () => {
    const wrong = eventTypes.filter(({ description }) => !/^[A-Z].{10,110}\.$/.test(description))
    expect(wrong.map(({ type }) => type)).toEqual([])
  })
})
