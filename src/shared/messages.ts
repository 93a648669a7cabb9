import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type Messages, type Reasoned, say } from '../engine/say.js'
import { type UserError, userErrorTypeOf } from '../engine/userError.js'
import type { Context } from './context.js'
import type { Language } from './words.js'

const folder = new URL('../../src/', import.meta.url)
/** Each domain keeps its own, in `messages/az.json` and so on. */
const textsIn = (language: Language): Record<string, string> =>
  Object.assign(
    {},
    ...readdirSync(folder)
      .map((domain) => new URL(`${domain}/messages/${language}.json`, folder))
      .filter((file) => existsSync(file))
      .map((file) => JSON.parse(readFileSync(file, 'utf8'))),
  )

/** All that is said to people about what they may mend, of all domains. */
export const messages: Messages = { az: textsIn('az'), en: textsIn('en'), ru: textsIn('ru') }

export const messageIn = (language: Language, reasoned: Reasoned): string => say(reasoned, messages, language)
export const userErrorTypeFor = (userError: UserError, { language }: Context) =>
  userErrorTypeOf(userError, messages, language)
