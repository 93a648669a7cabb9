import type { Procedure } from '../applications/procedure.js'
import { answerAt } from '../catalogue/forms/answers.rules.js'
import { invalid } from '../shared/userErrors.js'

export const founding: Procedure = {
  services: ['DVX-LLC-REG'],
  check: ({ answers }) => {
    const listed = answerAt(answers, '/founders')
    const others = Array.isArray(listed) ? listed.map(founderIn) : []
    const shares = [founderIn(answers.applicant), ...others].map(({ share }) => millionthsOf(share))
    const isKnown = shares.every((share) => share !== undefined)
    const total = shares.reduce<bigint>((sum, share) => sum + (share ?? 0n), 0n)
    // Who is invited twice cannot confirm twice.
    const identities = others.map(({ fin, passport }) => JSON.stringify([fin, passport]))
    return [
      ...(isKnown && total !== whole ? [invalid('founding.shares', ['answers', 'applicant', 'share'])] : []),
      ...identities.flatMap((identity, at) =>
        identities.indexOf(identity) < at ? [invalid('founding.twice', ['answers', 'founders', `${at}`])] : [],
      ),
    ]
  },
}

const founderIn = (answer: unknown): { fin?: unknown; passport?: unknown; share?: unknown } =>
  typeof answer === 'object' && answer !== null ? answer : {}

const whole = 100_000_000n
/** Of a percentage with at most six decimals. Undefined if it is none. */
function millionthsOf(percent: unknown): bigint | undefined {
  const [, units, decimals = ''] = /^(\d+)(?:\.(\d{1,6}))?$/.exec(String(percent)) ?? []
  return units === undefined ? undefined : BigInt(units + decimals.padEnd(6, '0'))
}
