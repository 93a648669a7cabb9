import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepareFolder } from '../platform/privileges.js'
import { writeSecret } from '../platform/secretFile.js'

/** A stand-in and its faults, each with what it does. */
export interface Troubled<Trouble extends string> {
  /** Its name in `npm run sandbox`. */
  name: string
  troubles: Record<Trouble | 'up', string>
}

const pathOf = (dataDir: string, name: string) => join(dataDir, `${name}.trouble`)

/** One file for each stand-in, so that concurrent switches do not conflict. No file means no fault. */
export function troubleIn<Trouble extends string>(
  dataDir: string,
  { name, troubles }: Troubled<Trouble>,
): Trouble | 'up' {
  const path = pathOf(dataDir, name)
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'up'
    throw error
  }
  if (!Object.hasOwn(troubles, text))
    throw new Error(`${path} must contain one of ${Object.keys(troubles).join(', ')}; got "${text}"`)
  return text as Trouble // it is a key of the troubles
}

export function setTroubleIn(dataDir: string, name: string, trouble: string): void {
  const path = pathOf(dataDir, name)
  if (trouble === 'up') {
    rmSync(path, { force: true })
    return
  }
  prepareFolder(dataDir)
  const fresh = `${path}.new-${process.pid}`
  writeSecret(fresh, trouble)
  renameSync(fresh, path)
}
