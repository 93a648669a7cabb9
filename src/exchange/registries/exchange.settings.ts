import { createPrivateKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { isLoopback } from '../../platform/address.js'
import { Mode } from '../../platform/installation.table.js'
import { settings } from '../../platform/settings.js'

/** The characters that X-Road permits in identifiers. */
const isPart = (part: string) => /^[^\p{C}:;/\\%]{1,255}$/u.test(part) && !/^\.{1,2}$/.test(part)
const system = z.string().refine((text) => text.split('/').length === 4 && text.split('/').every(isPart), {
  error: 'INSTANCE/CLASS/MEMBER/SUBSYSTEM',
})

const isOrigin = (text: string) => {
  if (!URL.canParse(text)) return false
  const { protocol, origin, href } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && href === `${origin}/`
}
const address = z
  .string()
  .refine(isOrigin, { error: 'an address with http or https and no path, such as https://security.example.org:8443' })
  .transform((text) => new URL(text).origin)

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const certificatesIn = (text: string) => (text.match(pem) ?? []).map((one) => new X509Certificate(one))
const holds = (read: () => boolean) => {
  try {
    return read()
  } catch {
    return false
  }
}
const certificates = z
  .string()
  .refine((text) => holds(() => certificatesIn(text).length > 0), { error: 'certificates as PEM' })
const privateKey = z.string().refine((text) => holds(() => createPrivateKey(text).type === 'private'), {
  error: 'a private key as PEM, without a passphrase',
})
const fits = ({ certificate = '', key = '' }: { certificate?: string; key?: string }) =>
  holds(() => certificatesIn(certificate)[0]?.checkPrivateKey(createPrivateKey(key)) ?? false)

const securityServer = z
  .strictObject({
    url: address,
    tls: z
      .strictObject({
        /** Our client certificate, with its chain. */
        certificate: certificates.optional(),
        key: privateKey.optional(),
        /** The authorities that must certify the server. Defaults to the system's. */
        authority: certificates.optional(),
      })
      .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
        error: 'a certificate and its key, or neither',
      })
      .refine((tls) => tls.certificate === undefined || tls.key === undefined || fits(tls), {
        error: 'a certificate and its own key',
      })
      .optional(),
  })
  .refine(({ url, tls }) => !tls || url.startsWith('https:'), { error: 'an address with https if tls is given' })
export type SecurityServer = z.output<typeof securityServer>

const whole = (least: number, most: number) =>
  z.int({ error: `a whole number from ${least} to ${most}` }).refine((number) => number >= least && number <= most, {
    error: `a whole number from ${least} to ${most}`,
  })

const connection = z.strictObject({
  system,
  securityServer: securityServer.optional(),
  /** Milliseconds for one query, including all attempts. */
  timeLimit: whole(50, 60_000).default(3_000),
  /** Concurrent queries. */
  connections: whole(1, 1_000).default(20),
  /** Queries that may wait for one of those. */
  waiting: whole(0, 10_000).default(200),
})

const code = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'the code of a registry, such as POPULATION' })
const exchange = z
  .strictObject({
    client: system,
    securityServer: securityServer.optional(),
    registries: z.record(code, connection),
  })
  .transform(({ client, securityServer: common, registries }, context) => {
    const connected: Record<string, Connection> = {}
    for (const [code, { securityServer = common, ...connection }] of Object.entries(registries)) {
      if (securityServer) connected[code] = { ...connection, securityServer }
      else
        context.addIssue({
          code: 'custom',
          path: ['registries', code],
          message: 'a securityServer, its own or a common one',
        })
    }
    return { client, registries: connected }
  })

/** The connection to one registry. */
export type Connection = Omit<z.output<typeof connection>, 'securityServer'> & { securityServer: SecurityServer }
/** The connections to registries by code, and our own client identifier. */
export interface ExchangeSettings {
  client: string
  registries: Record<string, Connection>
}

/** Throws one line for the operator. It never repeats the setting, which contains keys. */
export function exchangeFrom(text: string): ExchangeSettings {
  const { success, data, error } = exchange.safeParse(jsonOf(text))
  if (success) return data
  const [{ path, message } = { path: [], message: '' }] = error.issues
  throw new Error(`EXCHANGE must contain settings as described in docs/exchange.md; at "${path.join('.')}": ${message}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('EXCHANGE must contain JSON; it does not')
  }
}

/** Registries that would be queried over a network without https and a client certificate. */
export const exposed = ({ registries }: ExchangeSettings): string[] =>
  Object.entries(registries).flatMap(
    ([
      code,
      {
        securityServer: { url, tls },
      },
    ]) => {
      const { protocol, hostname } = new URL(url)
      const isMutual = protocol === 'https:' && tls?.certificate !== undefined
      return isMutual || isLoopback(hostname.replace(/^\[|\]$/g, '')) ? [] : [code]
    },
  )

interface ExchangeConfig {
  /** The connections to agencies' registries. Undefined: none, except a sandbox's own. */
  exchange: ExchangeSettings | undefined
}

export const exchangeSettings = settings(
  {
    EXCHANGE: {
      meaning:
        "The connections to agencies' registries, with our certificates: JSON, see [the exchange](exchange.md#configuration). " +
        'In production each uses https with a client certificate, or stays on this machine',
      value: z.string().optional(),
      isSecret: true,
      exception: 'call other registries',
    },
  },
  ({ EXCHANGE }, { mode }): ExchangeConfig => {
    if (EXCHANGE === undefined) return { exchange: undefined }
    const exchange = exchangeFrom(EXCHANGE)
    const [code] = mode === Mode.PRODUCTION ? exposed(exchange) : []
    if (code)
      throw new Error(
        'EXCHANGE must reach every registry in production over https with a client certificate, or on this machine; ' +
          `it does not for ${code}`,
      )
    return { exchange }
  },
)
