import { z } from 'zod'
import { isLoopback, isNetwork } from './address.js'
import { Mode } from './installation.table.js'
import { listOf, settings, wholeNumber } from './settings.js'

export interface HttpConfig {
  host: string
  port: number
  /** The port of a sandbox's own login. */
  sandboxPort: number
  /** The port where the worker answers /livez and /readyz. */
  workerPort: number
  /** Where callers reach the API. Undefined: this machine at `port`. */
  publicUrl: string | undefined
  /** Addresses and networks whose X-Forwarded-For is trusted. */
  trustProxy: string[]
  corsOrigins: string[]
}

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

/** 0 takes a free port; a port derived from 0 is 0. */
const portBeside = (port: number, distance: number) => (port === 0 || port + distance > 65_535 ? 0 : port + distance)

export const httpSettings = settings(
  {
    HOST: {
      meaning: 'The address to listen on. The default is reachable from this machine only',
      default: '`127.0.0.1`',
      example: '0.0.0.0',
      value: z.string().default('127.0.0.1'),
    },
    PORT: {
      meaning: 'The port. `0` takes a free port and prints it',
      default: '`4000`',
      example: '8080',
      value: wholeNumber(0, 65_535).default(4000),
    },
    SANDBOX_PORT: {
      meaning:
        "Port of a sandbox's [login](signing-in.md#in-a-sandbox), on this machine only. `0`, or `PORT=0`, takes a free " +
        'port and prints it. Not used with `ISSUERS`',
      default: '`PORT` + 1',
      example: '4001',
      value: wholeNumber(0, 65_535).optional(),
    },
    WORKER_PORT: {
      meaning: 'Port where the worker answers `/livez` and `/readyz`. `0`, or `PORT=0`, takes a free one',
      default: '`PORT` + 2',
      example: '4002',
      value: wholeNumber(0, 65_535).optional(),
    },
    PUBLIC_URL: {
      meaning:
        "Where callers reach the API. It is the issuer of programs' tokens, and QR codes of documents lead there",
      default: 'this machine at `PORT`',
      example: 'https://api.example.org',
      value: z.string().refine(isOrigin, { error: 'an origin such as https://api.example.org' }).optional(),
      isRequired: true,
    },
    TRUST_PROXY: {
      meaning:
        'Proxies whose `X-Forwarded-For` is trusted: addresses or networks, comma-separated. Callers behind an unlisted ' +
        'proxy count as one. `/0` is refused, because callers could then choose their address',
      example: '10.0.0.0/8',
      value: listOf(isNetwork, 'addresses or networks such as 10.0.0.0/8, but not /0, which is everybody'),
    },
    CORS_ORIGINS: {
      meaning: 'Origins of pages that may call from a browser, comma-separated',
      example: 'https://a.example.org,https://b.example.org',
      value: listOf(isOrigin, 'origins such as https://example.org'),
    },
  },
  (read): HttpConfig => ({
    host: read.HOST,
    port: read.PORT,
    sandboxPort: read.SANDBOX_PORT ?? portBeside(read.PORT, 1),
    workerPort: read.WORKER_PORT ?? portBeside(read.PORT, 2),
    publicUrl: read.PUBLIC_URL,
    trustProxy: read.TRUST_PROXY,
    corsOrigins: read.CORS_ORIGINS,
  }),
  ({ HOST }, { mode, sandboxAllows }) =>
    mode === Mode.PRODUCTION || isLoopback(HOST) || sandboxAllows.includes('network')
      ? []
      : [`HOST must be a loopback address in a sandbox without SANDBOX_ALLOWS=network; got "${HOST}"`],
)
