import type { FastifyPluginAsync } from 'fastify'
import { agenciesDomain } from './agencies/index.js'
import { applyingIn } from './applications/applyingIn.js'
import { applicationsDomain } from './applications/index.js'
import { catalogueDomain } from './catalogue/index.js'
import { type DocumentTools, documentsDomain, type FileServing } from './documents/index.js'
import type { Domain, Recurring } from './events/domain.js'
import type { Job } from './events/job.js'
import { type AccessLogTools, exchangeDomainOf } from './exchange/index.js'
import { identityDomain, type TokenServing } from './identity/index.js'
import { DeadlineResolver } from './shared/deadline.js'

/** The foundation of all domains. */
const shared: Domain = { name: 'shared', resolvers: [DeadlineResolver] }

/** What jobs and recurring work of all domains need. */
type Tools = DocumentTools & AccessLogTools
/** What the endpoints of all domains need. */
type Serving = TokenServing & FileServing

/** In order: a domain uses earlier ones and knows nothing of later ones. */
export const domains: Domain<Tools, Serving>[] = [
  shared,
  agenciesDomain,
  identityDomain,
  documentsDomain,
  exchangeDomainOf(applyingIn),
  catalogueDomain,
  applicationsDomain,
]

export const jobsOf = (tools: Tools): Job[] => domains.flatMap(({ jobs }) => jobs?.(tools) ?? [])
export const recurringOf = (tools: Tools): Recurring[] => domains.flatMap(({ recurring }) => recurring?.(tools) ?? [])
export const endpointsOf = (serving: Serving): FastifyPluginAsync[] =>
  domains.flatMap(({ endpoints }) => endpoints?.(serving) ?? [])
