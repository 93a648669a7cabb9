import { type RegistryCode, registries } from './registries.js'
import { setTroubleIn, troubleIn } from './trouble.js'

/** Faults that a sandbox registry shows on command, like those of agencies. */
export const troubles = {
  up: 'answers',
  down: 'resets each connection',
  slow: 'answers after 30 seconds',
  failing: 'answers with an error of X-Road, HTTP 500',
  garbled: 'gives in turn half an answer, the record of another, and the id of another message',
}
export type Trouble = keyof typeof troubles

export const isTrouble = (text: string): text is Trouble => Object.hasOwn(troubles, text)

export const troubleOf = (dataDir: string, code: RegistryCode): Trouble =>
  troubleIn(dataDir, { name: registries[code].name, troubles })

export const setTrouble = (dataDir: string, code: RegistryCode, trouble: Trouble): void =>
  setTroubleIn(dataDir, registries[code].name, trouble)
