import { describe, expect, it } from 'vitest'
import { type TermFacts, termOf } from '../../src/applications/casework/term.rules.js'
import { Automation, ResultKind } from '../../src/catalogue/services/serviceVersion.table.js'
import type { Term } from '../../src/shared/dueAfter.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { dataFiles } from '../support/dataFiles.js'

const { FULL, PARTIAL } = Automation
const { ACKNOWLEDGEMENT, RECEIPT, DOCUMENT } = ResultKind
const instant: Term = { value: 0, unit: TermUnit.INSTANT }
const [tenDays, oneDay] = [10, 1].map((value): Term => ({ value, unit: TermUnit.WORKING_DAY })) as [Term, Term]
const usual: Term = { value: 1, unit: TermUnit.MONTH }

describe('termOf', () => {
  it.each<[string, Term | undefined, Term[], Partial<TermFacts>]>([
    ['is instant for a settled filing that the system acknowledges', instant, [instant], {}],
    ['is instant for a settled filing that the system gives a receipt for', instant, [instant], { result: RECEIPT }],
    ['is the usual one if an officer must settle the answers', usual, [instant], { isSettled: false }],
    ['is the usual one if the service is only partly automated', usual, [instant], { automation: PARTIAL }],
    ['is the usual one if an officer issues the result', usual, [instant], { result: DOCUMENT }],
    ['is the first that is not instant', tenDays, [instant, tenDays, oneDay], {}],
    ['is unknown if the version has no known term', undefined, [], { automation: PARTIAL }],
  ])('%s', (_, expected, terms, facts) => {
    expect(termOf({ automation: FULL, result: ACKNOWLEDGEMENT, isSettled: true, ...facts }, terms)).toEqual(expected)
  })

  it('is instant for no service of the data that an officer handles', () => {
    const instantly = (isSettled: boolean) =>
      dataFiles().services.services.flatMap(({ code, version: { automation, result, processingTerms } }) => {
        const terms = processingTerms.flatMap(({ value, unit }) => (value === null ? [] : [{ value, unit }]))
        return termOf({ automation, result, isSettled }, terms)?.unit === TermUnit.INSTANT ? [code] : []
      })
    expect(instantly(true)).toEqual(['DIN-FINES-PAY', 'DVX-RETURN', 'DVX-EINVOICE', 'DGK-SMART', 'DSK-REPORT'])
    expect(instantly(false)).toEqual([])
  })
})
