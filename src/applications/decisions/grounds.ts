import { and, asc, eq, inArray } from 'drizzle-orm'
import { refusalGrounds } from '../../catalogue/services/refusalGround.table.js'
import type { UserError } from '../../engine/userError.js'
import type { Transaction } from '../../platform/seeding.js'
import { invalid, missing, unknownCode } from '../../shared/userErrors.js'
import { inAll, type Words } from '../../shared/words.js'
import type { Application } from '../application.repository.js'
import { DecisionOutcome, type Ground } from './decision.table.js'

const maxGrounds = 10

/** Errors that the input alone shows. */
export function userErrorsInGrounds(outcome: DecisionOutcome, codes: readonly string[]): UserError[] {
  if (outcome !== DecisionOutcome.REFUSED) return codes.length > 0 ? [notRefused] : []
  if (codes.length === 0) return [noGrounds]
  return codes.length > maxGrounds ? [tooManyGrounds] : []
}
const noGrounds = missing('decision.grounds', ['groundCodes'])
const notRefused = invalid('decision.not_refused', ['groundCodes'])
const tooManyGrounds = invalid('decision.too_many_grounds', ['groundCodes'], { most: maxGrounds })

/** The grounds with these codes that the version of an application has, in their order. */
export async function readGrounds(
  tx: Transaction,
  { versionId }: Pick<Application, 'versionId'>,
  codes: readonly string[],
): Promise<{ grounds: Ground[]; userErrors: UserError[] }> {
  if (codes.length === 0) return { grounds: [], userErrors: [] }
  const { code, text, norm, position } = refusalGrounds
  const grounds = await tx
    .select({ code, text, norm })
    .from(refusalGrounds)
    .where(and(eq(refusalGrounds.versionId, versionId), inArray(code, [...codes])))
    .orderBy(asc(position))
  const userErrors = codes.flatMap((code, at) =>
    grounds.some((ground) => ground.code === code)
      ? []
      : [unknownCode('decision.unknown_ground', ['groundCodes', String(at)], code)],
  )
  return { grounds, userErrors }
}

/** The norms of the grounds, each once. */
export function normOf(grounds: readonly Ground[]): Words {
  const all = grounds.map(({ norm }) => inAll(norm))
  const textIn = (language: 'az' | 'en' | 'ru') => [...new Set(all.map((norm) => norm[language]))].join('; ')
  return { az: textIn('az'), en: textIn('en'), ru: textIn('ru') }
}
