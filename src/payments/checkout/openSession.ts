import { failpoint } from '../../engine/failpoint.js'
import { keysOf } from '../../identity/parties/party.js'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import { callbackPath } from './callbackEndpoint.js'
import { payUrlOf } from './payAddress.js'
import { lockPayment, movePayment, type PaymentRow, recordOfPayment, setCheck } from './payment.repository.js'
import { waiting } from './payment.rules.js'
import { PaymentState, payments } from './payment.table.js'
import type { Provider } from './provider.js'

interface Parts {
  database: Database
  keyring: Keyring
  now: () => Date
  /** Where the payer and the bank reach this server. */
  origin: string
}

/**
 * Creates the session of a payment at its bank, or finds it, and returns the bank's page for the payer. Undefined if there is none
 * to show: the payer approves elsewhere, or the payment waits no more. The bank finds a session by the id of the payment, so a crash
 * between any two steps leaves nothing that a repeat does not find.
 */
export async function openSession(parts: Parts, provider: Provider, payment: PaymentRow): Promise<string | undefined> {
  const { database, now, origin } = parts
  const { id, number, amount, currency, method, language, expiresAt } = payment
  await failpoint('pay.opening')
  const session = await provider.open({
    orderId: id,
    amount,
    currency,
    method,
    ...(payment.alias && { alias: await aliasOf(parts, payment) }),
    description: `Pəncərə ${number}`,
    language,
    returnUrl: `${payUrlOf(parts, id)}/done`,
    callbackUrl: `${origin}${callbackPath}/${provider.code}`,
    expiresAt,
  })
  await failpoint('pay.opened')
  const isWaiting = await withRetries(() =>
    database.db.transaction(async (tx) => {
      const locked = await lockPayment(tx, id)
      if (locked?.state === PaymentState.CREATED) {
        const at = now()
        const pending = await movePayment(tx, locked, PaymentState.PENDING, {
          session: session.sessionId,
          changedAt: at,
        })
        await setCheck(tx, pending, at)
        await recordOfPayment(tx, locked, { type: 'payment.opened', at, actor: 'payer' })
      }
      return locked !== undefined && waiting.includes(locked.state)
    }),
  )
  await failpoint('pay.recorded')
  return isWaiting && session.state === 'PENDING' ? session.checkoutUrl : undefined
}

async function aliasOf({ database, keyring }: Parts, { id, partyId, alias }: PaymentRow): Promise<string> {
  const key = (await keysOf(database, keyring, [partyId])).get(partyId)
  if (!key) throw new Error(`the payer of the payment ${id} was forgotten`)
  return decrypt(key, payments, { id, alias }).alias ?? ''
}
