import { and, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { correctionEnds } from '../catalogue/services/filing.rules.js'
import { filingRules } from '../catalogue/services/filingRule.table.js'
import { serviceVersions } from '../catalogue/services/serviceVersion.table.js'
import { command, made, refused } from '../engine/command.js'
import type { Acting } from '../events/commandKeys.js'
import { record } from '../events/record.js'
import { Power } from '../identity/mandates/mandate.table.js'
import { findAuthorityOver } from '../identity/mandates/powers.js'
import { cancelCharges } from '../payments/charges/charge.repository.js'
import { actsForParties, hasScope, only, requireAssurance } from '../shared/context.js'
import { lockFiling, unknownFiling } from './acknowledgement/leased.js'
import { Filing } from './filing.js'
import { changeTo, type Filing as FilingRow, happenedTo } from './filing.repository.js'
import { refusalToWithdraw, type Standing } from './filing.rules.js'
import { FilingState, filings } from './filing.table.js'

@InputType({ description: 'Input of `withdrawFiling`.' })
export class WithdrawFilingInput {
  @Field(() => String, { description: 'Number of the filing, with its check character.' })
  filingNumber!: string
}

/** Allows persons, and programs that file. The command checks the party. */
const filer = only('filer', 'persons, and programs with the scope filings:write', ['PERSON', 'PROGRAM'], {}, (caller) =>
  hasScope(caller, 'filings:write'),
)

export const withdrawFiling = command({
  name: 'withdrawFiling',
  description:
    'Withdraws a filing that the agency has not acknowledged, or an accepted one within the time for corrections. The period is ' +
    'free again. Open charges of the filing are cancelled. A filing that it superseded stays superseded. Requires the power FILE ' +
    'over the party in that service; a program also requires the scope `filings:write`, and a person the assurance of the service. ' +
    'A repeat returns the same filing. Returns NOT_FOUND if the caller may not file for its party, and NOT_ALLOWED_NOW after the ' +
    'time for corrections, while a correction waits, and in any other state.',
  allowedTo: filer,
  input: WithdrawFilingInput,
  key: 'optional',
  creates: false,
  made: { filing: { type: Filing, description: 'Filing after the change.' } },
  async act({ filingNumber }: WithdrawFilingInput, acting: Acting) {
    const { tx, context } = acting
    const { caller } = context
    const at = context.now()
    const filing = await lockFiling(acting, filingNumber)
    if (!filing || !actsForParties(caller)) return refused([unknownFiling])
    const { id, partyId, serviceCode: service } = filing
    const authority = await findAuthorityOver(acting, partyId, { power: Power.FILE, service, scope: 'filings:write' })
    if (!authority) return refused([unknownFiling])
    const { standing, assurance } = await standingOf(acting, filing)
    requireAssurance(caller, assurance)
    if (filing.state === FilingState.WITHDRAWN) return { ...made({ filing: id }), replayed: true }
    const reason = refusalToWithdraw(standing, at)
    if (reason) return refused([{ code: 'NOT_ALLOWED_NOW', reason, field: ['filingNumber'] }])
    const [under, through] = authority.mandates
    const recorded = { at, actor: caller.id, ids: { ...(under && { under }), ...(through && { through }) } }
    await changeTo(tx, filing, { state: FilingState.WITHDRAWN, livePeriod: null, endedAt: at }, at)
    await record(tx, [happenedTo(filing, 'filing.withdrawn', recorded)])
    await cancelCharges(tx, id, recorded)
    return made({ filing: id })
  },
})

async function standingOf({ tx }: Acting, { id, state, versionId, receivedAt }: FilingRow) {
  const [version] = await tx
    .select({ assurance: serviceVersions.assurance, rule: filingRules })
    .from(serviceVersions)
    .leftJoin(filingRules, eq(filingRules.versionId, serviceVersions.id))
    .where(eq(serviceVersions.id, versionId))
  if (!version) throw new Error(`the version ${versionId} of a filing is not there`)
  const waits = and(eq(filings.replacesId, id), eq(filings.state, FilingState.RECEIVED))
  const [correction] = await tx.select({ id: filings.id }).from(filings).where(waits)
  const until = version.rule && correctionEnds(receivedAt, version.rule)
  const standing: Standing = { state, correctableUntil: until, hasCorrection: correction !== undefined }
  return { standing, assurance: version.assurance }
}
