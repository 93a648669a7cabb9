import { and, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { raiseCharges } from '../../payments/charges/charge.repository.js'
import { mostLines, userErrorsInCharge } from '../../payments/charges/charge.rules.js'
import { ChargeSubject, charges as chargeTable } from '../../payments/charges/charge.table.js'
import { ChargeLineInput, linesOf } from '../../payments/charges/chargeLine.js'
import { Currency, minorOf } from '../../shared/money.js'
import { DateTime } from '../../shared/scalars.js'
import { userErrorsInText } from '../../shared/texts.rules.js'
import { invalid } from '../../shared/userErrors.js'
import { Filing } from '../filing.js'
import { accept, changeTo, type Filing as FilingRow } from '../filing.repository.js'
import { FilingAction } from '../filing.rules.js'
import { FilingState } from '../filing.table.js'
import { filingHandler } from './handler.js'
import { LeasedFilingInput, leasedErrors, lockForAgency, refusalToSettle } from './leased.js'

const mostCharges = 5
const mostInAgencyNumber = 100

@InputType({ description: 'What an agency charges for a filing.' })
export class FilingChargeInput {
  @Field(() => Currency, { description: 'Currency of the amounts: AZN or USD.' })
  currency!: string
  @Field(() => DateTime, {
    nullable: true,
    description: 'Last moment to pay, in the future. The charge stays payable after it, and is overdue.',
  })
  payBy?: Date | null
  @Field(() => [ChargeLineInput], { description: `Lines of the charge, 1 to ${mostLines}.` })
  lines!: ChargeLineInput[]
}

@InputType({ description: 'Input of `acknowledgeFiling`.' })
export class AcknowledgeFilingInput extends LeasedFilingInput {
  @Field(() => String, {
    nullable: true,
    description: `Number that the agency gives the filing. At most ${mostInAgencyNumber} characters.`,
  })
  agencyNumber?: string | null
  @Field(() => [FilingChargeInput], {
    nullable: true,
    description: `What the party owes for it: at most ${mostCharges} charges, such as one for each date. Null if nothing.`,
  })
  charges?: FilingChargeInput[] | null
}

export const acknowledgeFiling = command({
  name: 'acknowledgeFiling',
  description:
    'Accepts a filing that the caller collected. A correction supersedes the filing that it replaces, whose open charges are ' +
    'cancelled. Raises the charges, whose `reference` is the number of the filing. Returns MISSING or INVALID for a wrong number or charge. ' +
    leasedErrors,
  allowedTo: filingHandler,
  input: AcknowledgeFilingInput,
  key: 'optional',
  creates: false,
  made: { filing: { type: Filing, description: 'Filing after the change.' } },
  async act(input: AcknowledgeFilingInput, acting: Acting) {
    const { tx, context } = acting
    const { caller, keyring } = context
    const at = context.now()
    const { agencyNumber = null, charges } = { ...input, charges: input.charges ?? [] }
    const found = await lockForAgency(acting, input)
    if ('userErrors' in found) return found
    const { filing, under, isTheirs } = found
    if (isTheirs && (await isRepeat(acting, filing, agencyNumber, charges)))
      return { ...made({ filing: filing.id }), replayed: true }
    const refusal = refusalToSettle(FilingAction.ACKNOWLEDGE, found, acting)
    if (refusal) return refused([refusal])
    const wrong = userErrorsIn(agencyNumber, charges, at)
    if (wrong.length > 0) return refused(wrong)
    const recorded = { at, actor: caller.id, ids: { under } }
    await changeTo(tx, filing, { state: FilingState.ACCEPTED, acknowledgedAt: at, agencyNumber }, at)
    await record(tx, await accept(tx, [filing], recorded))
    const { id: subjectId, agencyId, partyId, serviceCode, number: reference } = filing
    const about = { agencyId, partyId, serviceCode, subjectType: ChargeSubject.FILING, subjectId, reference }
    const wanted = charges.map(({ currency, payBy = null, lines }) => ({
      ...about,
      currency,
      payBy,
      lines: linesOf(lines, currency),
    }))
    await raiseCharges(tx, keyring, wanted, recorded)
    return made({ filing: filing.id })
  },
})

function userErrorsIn(agencyNumber: string | null, charges: readonly FilingChargeInput[], now: Date): UserError[] {
  const tooMany =
    charges.length > mostCharges ? [invalid('filing.many_charges', ['charges'], { most: mostCharges })] : []
  const wrong = charges.slice(0, mostCharges).flatMap((charge, at) =>
    // The reference is the number of the filing.
    userErrorsInCharge({ ...charge, reference: 'its number' }, now).map((userError) => ({
      ...userError,
      field: ['charges', String(at), ...(userError.field ?? [])],
    })),
  )
  return [...userErrorsInText(['agencyNumber'], agencyNumber, mostInAgencyNumber), ...tooMany, ...wrong]
}

/** Whether it was accepted with that number and charges of those amounts. */
async function isRepeat(
  { tx }: Acting,
  { id, state, acknowledgedAt, agencyNumber }: FilingRow,
  number: string | null,
  charges: readonly FilingChargeInput[],
): Promise<boolean> {
  if (acknowledgedAt === null || state === FilingState.REJECTED || agencyNumber !== number) return false
  const isIts = and(eq(chargeTable.subjectId, id), eq(chargeTable.subjectType, ChargeSubject.FILING))
  const { amount, currency } = chargeTable
  const raised = await tx.select({ amount, currency }).from(chargeTable).where(isIts)
  const wanted = charges.map(({ currency, lines }) => {
    const sum = lines.reduce((sum, line) => sum + (minorOf(line.amount, currency) ?? 0n), 0n)
    return `${currency} ${sum}`
  })
  const before = raised.map(({ amount, currency }) => `${currency} ${amount}`)
  return wanted.sort().join() === before.sort().join()
}
