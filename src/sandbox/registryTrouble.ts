import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepareFolder } from '../platform/privileges.js'
import { writeSecret } from '../platform/secretFile.js'
import { type RegistryCode, registries } from './registries.js'

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

const pathOf = (dataDir: string, code: RegistryCode) => join(dataDir, `${registries[code].name}.trouble`)

/** One file for each registry, so that concurrent switches do not conflict. No file means no fault. */
export function troubleOf(dataDir: string, code: RegistryCode): Trouble {
  const path = pathOf(dataDir, code)
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'up'
    throw error
  }
  if (!isTrouble(text))
    throw new Error(`${path} must contain one of ${Object.keys(troubles).join(', ')}; got "${text}"`)
  return text
}

export function setTrouble(dataDir: string, code: RegistryCode, trouble: Trouble): void {
  const path = pathOf(dataDir, code)
  if (trouble === 'up') {
    rmSync(path, { force: true })
    return
  }
  prepareFolder(dataDir)
  const fresh = `${path}.new-${process.pid}`
  writeSecret(fresh, trouble)
  renameSync(fresh, path)
}
