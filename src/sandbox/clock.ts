import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.js'
import { Mode } from '../platform/installation.table.js'
import { prepareFolder } from '../platform/privileges.js'
import { writeSecret } from '../platform/secretFile.js'

const pathOf = (dataDir: string) => join(dataDir, 'clock')

/** How many milliseconds a sandbox's clock is ahead of the real one. */
export function aheadBy(dataDir: string): number {
  const path = pathOf(dataDir)
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${path} must contain a number of milliseconds; got "${text}"`)
  return Number(text)
}

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const maxAhead = 20 * 366 * 86_400_000

/** Only forward, so that earlier events stay earlier. Returns the new time. */
export function setForward(dataDir: string, to: string, real = new Date()): Date {
  const before = aheadBy(dataDir)
  const [, count, unit] = /^\+(\d{1,6})([mhd])$/.exec(to) ?? []
  const wanted = unit ? before + Number(count) * (units[unit] as number) : Date.parse(to) - real.getTime()
  if (Number.isNaN(wanted) || !(unit || /T.*(Z|[+-]\d\d:\d\d)$/.test(to)))
    throw new Error(`clock requires a distance such as +90m, +3h or +10d, or a moment with its offset; got "${to}"`)
  if (wanted < before)
    throw new Error('the clock of a sandbox goes forward alone; another DATA_DIR begins at the present')
  if (wanted > maxAhead) throw new Error('the clock of a sandbox goes twenty years ahead at most')
  prepareFolder(dataDir)
  const fresh = `${pathOf(dataDir)}.new-${process.pid}`
  writeSecret(fresh, String(Math.round(wanted)))
  renameSync(fresh, pathOf(dataDir))
  return new Date(real.getTime() + wanted)
}

/** Milliseconds before the file is read again. */
const lookedAtEach = 200

/** The installation's time: the real time, unless a sandbox's clock was set forward. */
export function clockOf({ mode, dataDir }: Pick<Config, 'mode' | 'dataDir'>): () => Date {
  if (mode === Mode.PRODUCTION) return () => new Date()
  let [ahead, lookedAt] = [0, Number.NEGATIVE_INFINITY]
  return () => {
    if (performance.now() - lookedAt > lookedAtEach) [ahead, lookedAt] = [aheadBy(dataDir), performance.now()]
    return new Date(Date.now() + ahead)
  }
}
