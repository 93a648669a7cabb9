import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Config, isOperatorKey, operatorKeyForm } from '../config.js'
import { type Caller, nobody } from './context.js'
import { Mode } from './installation.table.js'
import { secretIn } from './secretFile.js'

/** Undefined: nobody is the operator. A sandbox makes its key itself, for a newcomer to find in `.data/operator-key`. */
export function operatorKeyOf({ operatorKey, mode, dataDir }: Config): string | undefined {
  if (operatorKey !== undefined || mode !== Mode.SANDBOX) return operatorKey
  const made = secretIn(dataDir, 'operator-key', () => randomBytes(32).toString('base64url'))
  if (!isOperatorKey(made)) throw new Error(`operator-key in DATA_DIR must hold ${operatorKeyForm}; it does not`)
  return made
}

/** Why a request that says who it comes from is not believed. */
export type Disbelief = 'authorization.repeated' | 'authorization.malformed' | 'authorization.unknown_key'

/** Who asks, by all headers `Authorization` of a request. What cannot be believed is never taken for nobody. */
export function callerBy(operatorKey: string | undefined): (headers: readonly string[]) => Caller | Disbelief {
  const known = operatorKey === undefined ? undefined : digest(operatorKey)
  return ([header, ...more]) => {
    if (header === undefined) return nobody
    if (more.length) return 'authorization.repeated'
    const [, given] = /^Bearer +([\x21-\x7e]+)$/i.exec(header) ?? []
    if (given === undefined) return 'authorization.malformed'
    // Of digests, whose length and beginning tell nothing of the key.
    return known && timingSafeEqual(digest(given), known)
      ? { kind: 'OPERATOR', id: 'operator' }
      : 'authorization.unknown_key'
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()
