import { timingSafeEqual } from 'node:crypto'
import { readCode } from '../../shared/code.js'
import { digestOf } from '../programs/secret.js'

export const hashOfCode = (text: string): string => digestOf(readCode(text))

export const isCodeOf = (hash: string, text: string): boolean =>
  timingSafeEqual(Buffer.from(hash), Buffer.from(hashOfCode(text)))
