import { z } from 'zod'
import { isLoopback } from '../../platform/address.js'
import { Mode } from '../../platform/installation.table.js'
import { listOf, settings } from '../../platform/settings.js'
import type { Checkout } from '../../shared/checkout.js'
import { PaymentMethod } from './payment.table.js'

const hostOf = (text: string) => new URL(text).hostname.replace(/^\[|\]$/g, '')
const isOrigin = (text: string) =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.replace(/\/$/, '')

const whole = (least: number, most: number) =>
  z
    .int()
    .min(least)
    .max(most, { error: `a whole number from ${least} to ${most}` })

const currency = z.string().regex(/^[A-Z]{3}$/, { error: 'a currency such as AZN' })
const provider = z.strictObject({
  url: z
    .string()
    .refine(isOrigin, { error: 'an address without a path, such as https://bank.example.org' })
    .transform((text) => new URL(text).origin),
  /** Our name at the bank. */
  merchant: z.string().regex(/^[\w.-]{1,100}$/, { error: '1 to 100 letters, digits, ".", "_" and "-"' }),
  /** Signs requests and callbacks. */
  secret: z.string().min(32, { error: 'at least 32 characters' }).max(1_000),
  /** The currencies of each method that it serves. */
  methods: z.partialRecord(z.enum(PaymentMethod), z.array(currency).min(1)),
  /** Milliseconds for one question, with all attempts. */
  timeLimit: whole(50, 60_000).default(5_000),
  /** Concurrent questions, and how many may wait for one of those. */
  connections: whole(1, 1_000).default(20),
  waiting: whole(0, 10_000).default(200),
})
const code = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'a code such as BANK' })
const providers = z.record(code, provider)

export type ProviderSettings = z.output<typeof provider>
/** By code. Of those that serve a method and currency, the first is used. */
export type ProvidersSettings = Readonly<Record<string, ProviderSettings>>

/** Throws one line for the operator. It never repeats the setting, which contains secrets. */
export function providersFrom(text: string): ProvidersSettings {
  const { success, data, error } = providers.safeParse(jsonOf(text))
  if (success) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  throw new Error(
    `PAYMENT_PROVIDERS must contain settings as described in docs/payments.md; at "${path.join('.')}": ${message}`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('PAYMENT_PROVIDERS must contain JSON; it does not')
  }
}

export interface ProvidersConfig {
  /** The banks that collect payments, by code. Undefined: none, except a sandbox's own. */
  paymentProviders: ProvidersSettings | undefined
  /** Origins to which the outcome page may lead back. Undefined: any of this machine. */
  paymentReturnOrigins: readonly string[] | undefined
}

/** What commands may know of it. */
export const checkoutOf = ({ paymentProviders = {}, paymentReturnOrigins }: ProvidersConfig): Checkout => ({
  providerOf: (method, currency) =>
    Object.entries(paymentProviders).find(([, { methods }]) => methods[method]?.includes(currency))?.[0],
  mayReturnTo(address) {
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) return false
    return paymentReturnOrigins?.includes(new URL(address).origin) ?? isLoopback(hostOf(address))
  },
})

export const providersSettings = settings(
  {
    PAYMENT_PROVIDERS: {
      meaning:
        'The banks that collect payments, with our secrets: JSON, see [payments](payments.md). In production each is ' +
        'reached over https, or on this machine',
      value: z.string().optional(),
      isSecret: true,
      exception: 'call other banks',
    },
    PAYMENT_RETURN_ORIGINS: {
      meaning: 'Origins of frontends to which the page after a payment may lead back, comma-separated',
      default: 'none; in a sandbox this machine',
      example: 'https://a.example.org,https://b.example.org',
      value: listOf(isOrigin, 'origins such as https://example.org'),
    },
  },
  ({ PAYMENT_PROVIDERS, PAYMENT_RETURN_ORIGINS: origins }, { mode }): ProvidersConfig => {
    const paymentReturnOrigins = origins.length === 0 && mode === Mode.SANDBOX ? undefined : origins
    if (PAYMENT_PROVIDERS === undefined) return { paymentProviders: undefined, paymentReturnOrigins }
    const paymentProviders = providersFrom(PAYMENT_PROVIDERS)
    const exposed = Object.entries(paymentProviders).find(
      ([, { url }]) => new URL(url).protocol !== 'https:' && !isLoopback(hostOf(url)),
    )
    if (mode === Mode.PRODUCTION && exposed)
      throw new Error(
        `PAYMENT_PROVIDERS must reach every bank in production over https, or on this machine; it does not for ${exposed[0]}`,
      )
    return { paymentProviders, paymentReturnOrigins }
  },
)
