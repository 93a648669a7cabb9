import { agenciesDomain } from './agencies/index.js'
import { applyingIn } from './applications/applyingIn.js'
import { applicationsDomain } from './applications/index.js'
import { catalogueDomain } from './catalogue/index.js'
import { documentsDomain } from './documents/index.js'
import type { Domain } from './events/domain.js'
import type { Job } from './events/job.js'
import { exchangeDomainOf } from './exchange/index.js'
import { identityDomain } from './identity/index.js'
import { DeadlineResolver } from './shared/deadline.js'

/** The foundation of all domains. */
const shared: Domain = { name: 'shared', resolvers: [DeadlineResolver] }

/** The tools of the jobs of all domains. */
type Tools = Parameters<NonNullable<(typeof documentsDomain)['jobs']>>[0]

/** In order: a domain uses earlier ones and knows nothing of later ones. */
export const domains: Domain<Tools>[] = [
  shared,
  agenciesDomain,
  identityDomain,
  documentsDomain,
  exchangeDomainOf(applyingIn),
  catalogueDomain,
  applicationsDomain,
]

/** Jobs that follow from events. */
export const jobsOf = (tools: Tools): Job[] => domains.flatMap(({ jobs }) => jobs?.(tools) ?? [])
