import { z } from 'zod'
import { settings, wholeNumber } from './settings.js'

export interface RatesConfig {
  /** Undefined: limits by caller are counted in PostgreSQL. */
  valkeyUrl: string | undefined
  /** Points of one address, and calls of one mutation by one caller. Undefined: the defaults in docs/limits.md. */
  rateRequests: number | undefined
  rateCommands: number | undefined
  /** Look-ups by numbers that could be guessed: of one caller or address, and in all. Undefined: the same. */
  rateLookUps: number | undefined
  rateLookUpsInAll: number | undefined
}

const isValkeyUrl = (text: string) => /^(redis|valkey)s?:\/\/[^/]/.test(text) && URL.canParse(text)

export const ratesSettings = settings(
  {
    VALKEY_URL: {
      meaning: 'Where limits by caller are counted. Defaults to PostgreSQL',
      example: 'redis://:…@valkey.example.org:6379',
      value: z.string().refine(isValkeyUrl, { error: 'redis://user:password@host:port' }).optional(),
      isSecret: true,
      exception: 'use a Valkey',
    },
    RATE_REQUESTS: {
      meaning: '[Points](limits.md#rates) that one address may spend in 10 seconds',
      default: '`1000`',
      example: '20000',
      value: wholeNumber(1, 999_999_999).optional(),
    },
    RATE_COMMANDS: {
      meaning: 'Calls of one mutation that one caller may make in a minute',
      default: '`600`',
      example: '6000',
      value: wholeNumber(1, 999_999_999).optional(),
    },
    RATE_LOOK_UPS: {
      meaning: '[Look-ups](limits.md#rates) by a number that could be guessed, by one caller or address in 10 minutes',
      default: '`30`',
      example: '300',
      value: wholeNumber(1, 999_999_999).optional(),
    },
    RATE_LOOK_UPS_IN_ALL: {
      meaning: 'The same in a minute, by all callers without a token together',
      default: '`600`',
      example: '6000',
      value: wholeNumber(1, 999_999_999).optional(),
    },
  },
  (read): RatesConfig => ({
    valkeyUrl: read.VALKEY_URL,
    rateRequests: read.RATE_REQUESTS,
    rateCommands: read.RATE_COMMANDS,
    rateLookUps: read.RATE_LOOK_UPS,
    rateLookUpsInAll: read.RATE_LOOK_UPS_IN_ALL,
  }),
)
