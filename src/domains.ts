import type { FastifyPluginAsync } from 'fastify'
import { agenciesDomain } from './agencies/index.js'
import { applicationsDomain } from './applications/index.js'
import { handOver } from './applications/procedure.js'
import { catalogueDomain } from './catalogue/index.js'
import { changesDomain } from './changes/index.js'
import { civilStatusDomain } from './civilStatus/index.js'
import { companiesDomain } from './companies/index.js'
import { documentsDomain } from './documents/index.js'
import type { Domain, Recurring, ServingOf, ToolsOf } from './events/domain.js'
import { declareEventTypes, type EventType } from './events/eventType.js'
import type { Job } from './events/job.js'
import { exchangeDomain } from './exchange/index.js'
import { filingsDomain } from './filings/index.js'
import { identityDomain } from './identity/index.js'
import { paymentsDomain } from './payments/index.js'
import { sharedDomain } from './shared/index.js'

/** In order: a domain uses earlier ones and knows nothing of later ones. */
export const domains = [
  sharedDomain,
  agenciesDomain,
  identityDomain,
  documentsDomain,
  exchangeDomain,
  catalogueDomain,
  paymentsDomain,
  applicationsDomain,
  filingsDomain,
  civilStatusDomain,
  companiesDomain,
  changesDomain,
] as const

// Applications know nothing of the domains whose services these are.
handOver([...civilStatusDomain.procedures, ...companiesDomain.procedures])

type Tools = ToolsOf<(typeof domains)[number]>
type Serving = ServingOf<(typeof domains)[number]>
const all: readonly Domain<Tools, Serving>[] = domains

export const eventTypes: EventType[] = all.flatMap(({ events = [] }) => events)
// The feed of a party knows nothing of the domains whose events it shows.
declareEventTypes(eventTypes)

export const jobsOf = (tools: Tools): Job[] => all.flatMap(({ jobs }) => jobs?.(tools) ?? [])
export const recurringOf = (tools: Tools): Recurring[] => all.flatMap(({ recurring }) => recurring?.(tools) ?? [])
export const endpointsOf = (serving: Serving): FastifyPluginAsync[] =>
  all.flatMap(({ endpoints }) => endpoints?.(serving) ?? [])
