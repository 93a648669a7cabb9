import { Field, InputType } from 'type-graphql'
import { IssuedDocument } from '../../documents/issued/issuedDocument.js'
import { command, type Made, made, type Refused, refused } from '../../engine/command.js'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import type { Context } from '../../shared/context.js'
import { Filing } from '../filing.js'
import { filers } from './filers.js'
import { FilingContentInput, givenContent } from './filingContent.js'
import { type Outcome, receiveFilings } from './receiveFilings.js'
import { noPower } from './submission.rules.js'
import { type Prepared, prepared } from './toFile.js'

@InputType({ description: 'Filing to submit.' })
export class SubmitFilingInput {
  @Field(() => String, { description: 'Code of the service.' })
  serviceCode!: string
  @Field(() => String, {
    nullable: true,
    description: 'VÖEN of the party that reports. Defaults to the caller (for a program: its organisation).',
  })
  partyVoen?: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Period: 2026-10, 2026-Q3 or 2026, as the service requires. Omit it if the service has no periods.',
  })
  period?: string | null
  @Field(() => String, {
    description:
      'Number that the filer gives it, unique for each party: the key of the filing. 1 to 64 visible ASCII characters.',
  })
  externalNumber!: string
  @Field(() => String, {
    nullable: true,
    description: 'Number of the accepted filing that this one corrects. Null if it is not a correction.',
  })
  replacesNumber?: string | null
  @Field(() => FilingContentInput, { description: 'Content, by the form of the service.' })
  content!: FilingContentInput
  @Field(() => String, {
    nullable: true,
    description:
      'Signature over the payload that `validateFiling` returns. A detached, compact JWS: "header..signature". Required if ' +
      'the service has `signers`.',
  })
  signature?: string | null
}

/** Reads the input, and checks its certificate before the transaction. */
export const preparedInput = async (input: SubmitFilingInput, { trust }: Pick<Context, 'trust'>): Promise<Prepared> =>
  await prepared(trust, {
    ...givenContent(input.content),
    serviceCode: input.serviceCode,
    partyVoen: input.partyVoen ?? null,
    period: input.period ?? null,
    externalNumber: input.externalNumber,
    replacesNumber: input.replacesNumber ?? null,
    signature: input.signature ?? null,
  })

export const madeOf = (outcome: Outcome): Made<'filing' | 'receipt'> | Refused =>
  'userErrors' in outcome
    ? refused(outcome.userErrors)
    : { ...made({ filing: outcome.filingId, receipt: outcome.receiptId }), replayed: outcome.replayed }

/** One filing alone is refused like any command without the power. */
export function refuseWithoutPower({ userErrors }: Refused): void {
  if (userErrors.includes(noPower))
    throw refusal('FORBIDDEN', `This requires the power ${Power.FILE} over the party.`, { power: Power.FILE })
}

/** The result of a filing, alone or as one of several. */
export const filed = {
  filing: { type: Filing, description: 'Filing. Null if it was refused.' },
  receipt: { type: IssuedDocument, description: 'Signed receipt. Null if the filing was refused.' },
}

export const submitFiling = command({
  name: 'submitFiling',
  description:
    'Files a report with an agency and returns its signed receipt. A service acknowledged by rule accepts it at once; ' +
    'otherwise it waits for the agency. Requires the power FILE over the party in that service; a person also requires the ' +
    'assurance level of the service, and a program the scope `filings:write`. The external number is the key: the same again ' +
    'returns the first filing, and another content KEY_REUSED. A refusal uses up nothing. Returns MISSING and INVALID for ' +
    'the content, with paths, and for the signature, all at once. Returns CONFLICT if the period has a filing already, and ' +
    'NOT_ALLOWED_NOW if the service is closed, the corrected filing cannot be replaced, or the certificate cannot be checked now.',
  allowedTo: filers,
  input: SubmitFilingInput,
  key: 'own',
  creates: true,
  made: filed,
  prepare: preparedInput,
  async act(_input: SubmitFilingInput, acting: Acting, item: Prepared) {
    const [outcome] = await receiveFilings(acting, [item])
    const one = madeOf(outcome as Outcome) // one for each
    if ('userErrors' in one) refuseWithoutPower(one)
    return one
  },
})
