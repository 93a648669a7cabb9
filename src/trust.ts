import type { FastifyBaseLogger } from 'fastify'
import type { Config } from './config.js'
import { openTrust } from './documents/signatures/openTrust.js'
import { trustListFrom } from './documents/signatures/trustList.js'
import { Mode } from './platform/installation.table.js'
import { type Trust, withoutTrust } from './shared/trust.js'

/** Trusts the authorities on the trust list of the configuration. */
export function trustOf({ trustList, mode, timings }: Config, log: FastifyBaseLogger): Trust {
  if (trustList !== undefined)
    return openTrust(async () => trustListFrom(trustList, { isSandbox: mode === Mode.SANDBOX }), { log, timings })
  if (mode === Mode.PRODUCTION)
    log.warn('TRUST_LIST is not set: applications and filings that must be signed cannot be submitted')
  return withoutTrust
}
