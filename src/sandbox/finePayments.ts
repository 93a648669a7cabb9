import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { prepareFolder } from '../platform/privileges.js'
import { writeSecret } from '../platform/secretFile.js'

const payment = z.strictObject({ key: z.string(), fine: z.string(), paidOn: z.iso.date() })
type FinePayment = z.output<typeof payment>

/** The payments that the traffic registry was told of. At most one for each fine. */
export interface FinePayments {
  find(fine: string): FinePayment | undefined
  add(payment: FinePayment): void
}

/** In a file, so that a restart forgets none. */
export function finePaymentsIn(dataDir: string): FinePayments {
  const path = join(dataDir, 'traffic.payments')
  const all = existsSync(path) ? z.array(payment).parse(JSON.parse(readFileSync(path, 'utf8'))) : []
  return {
    find: (fine) => all.find((one) => one.fine === fine),
    add(payment) {
      prepareFolder(dataDir)
      const fresh = `${path}.new-${process.pid}`
      writeSecret(fresh, JSON.stringify([...all, payment]))
      renameSync(fresh, path)
      all.push(payment)
    },
  }
}
