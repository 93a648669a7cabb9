import { isDeepStrictEqual } from 'node:util'
import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt, type PartyKey } from '../../platform/personal.js'
import { Filing } from '../filing.js'
import { changeTo, type Filing as FilingRow, happenedTo } from '../filing.repository.js'
import { FilingAction } from '../filing.rules.js'
import { type FilingFault, FilingState, filings } from '../filing.table.js'
import { FilingFaultInput, mostFaults, userErrorsInFaults } from './filingFault.js'
import { filingHandler } from './handler.js'
import { LeasedFilingInput, leasedErrors, lockForAgency, refusalToSettle } from './leased.js'

@InputType({ description: 'Input of `rejectFiling`.' })
export class RejectFilingInput extends LeasedFilingInput {
  @Field(() => [FilingFaultInput], { description: `What is wrong with the content, 1 to ${mostFaults} faults.` })
  faults!: FilingFaultInput[]
}

export const rejectFiling = command({
  name: 'rejectFiling',
  description:
    'Rejects a filing that the caller collected, with its faults, which the party reads. The period is free again; if it is a ' +
    'correction, the filing that it would replace stays accepted. Returns MISSING or INVALID for wrong faults. ' +
    leasedErrors,
  allowedTo: filingHandler,
  input: RejectFilingInput,
  key: 'optional',
  creates: false,
  made: { filing: { type: Filing, description: 'Filing after the change.' } },
  async act(input: RejectFilingInput, acting: Acting) {
    const { tx, context } = acting
    const at = context.now()
    const found = await lockForAgency(acting, input)
    if ('userErrors' in found) return found
    const { filing, under, isTheirs } = found
    const { id, partyId } = filing
    const faults = input.faults.map(
      ({ path, message: { az, en, ru } }): FilingFault => ({ path, message: { az, en, ru } }),
    )
    const key = (await keysToEncrypt(tx, context.keyring, [partyId])).get(partyId)
    if (isTheirs && key && isRepeat(filing, key, faults)) return { ...made({ filing: id }), replayed: true }
    const refusal = refusalToSettle(FilingAction.REJECT, found, acting)
    if (refusal) return refused([refusal])
    if (!key) return refused([{ code: 'NOT_ALLOWED_NOW', reason: 'filing.party_forgotten', field: ['filingNumber'] }])
    const wrong = userErrorsInFaults(input.faults)
    if (wrong.length > 0) return refused(wrong)
    const encrypted = encrypt(key, filings, { id, partyId, faults })
    const set = { state: FilingState.REJECTED, livePeriod: null, acknowledgedAt: at, faults: encrypted.faults }
    await changeTo(tx, filing, set, at)
    await record(tx, [happenedTo(filing, 'filing.rejected', { at, actor: context.caller.id, ids: { under } })])
    return made({ filing: id })
  },
})

/** Whether it was rejected with those faults. */
function isRepeat({ id, state, faults: stored }: FilingRow, key: PartyKey, faults: readonly FilingFault[]): boolean {
  if (state !== FilingState.REJECTED) return false
  return isDeepStrictEqual(decrypt(key, filings, { id, faults: stored }).faults, faults)
}
