import { configFrom } from './config.js'
import { openProviders } from './payments/checkout/openProviders.js'
import { reconcile } from './payments/reconciliation/reconcile.js'
import { reasonOf } from './platform/database.js'
import { withDatabase } from './platform/withDatabase.js'
import { bankPortIn } from './sandbox/bank/provider.js'
import { clockOf } from './sandbox/clock.js'
import { withStandIns } from './sandbox/standIns.js'

const [day, ...more] = process.argv.slice(2)
const log = {
  info: (_what: object, message: string) => console.log(message),
  warn: (_what: object, message: string) => console.error(message),
}

try {
  if (!day || more.length > 0 || !/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))
    throw new Error('reconcile must be called with one day, such as 2026-11-29')
  const given = configFrom()
  const config = withStandIns({ ...given, bankPort: bankPortIn(given) })
  const now = clockOf(config)
  const providers = openProviders(config.paymentProviders, { now, log })
  try {
    if (providers.all.length === 0) throw new Error('PAYMENT_PROVIDERS must name a bank; it names none')
    for (const provider of providers.all) {
      const { entries, found } = await withDatabase(config, (database) => reconcile({ database, now }, provider, day))
      console.log(`${provider.code}: ${entries} entries, new differences: ${found}`)
    }
  } finally {
    await providers.close()
  }
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}
