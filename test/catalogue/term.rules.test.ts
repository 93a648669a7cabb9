import { describe, expect, it } from 'vitest'
import { Automation, ResultKind } from '../../src/catalogue/services/serviceVersion.table.js'
import { type TermFacts, termOf } from '../../src/catalogue/tariffs/term.rules.js'
import type { Term } from '../../src/shared/dueAfter.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'
import { dataFiles } from '../support/dataFiles.js'

const { FULL, PARTIAL } = Automation
const { ACKNOWLEDGEMENT, RECEIPT, DOCUMENT } = ResultKind
const instant: Term = { value: 0, unit: TermUnit.INSTANT }
const tenDays: Term = { value: 10, unit: TermUnit.WORKING_DAY }
const usual: Term = { value: 1, unit: TermUnit.MONTH }

describe('termOf', () => {
  it.each<[string, Term, Term, Partial<TermFacts>]>([
    ['is instant for a settled filing that the system acknowledges', instant, instant, {}],
    ['is instant for a settled filing that the system gives a receipt for', instant, instant, { result: RECEIPT }],
    ['is the usual one if an officer must settle the answers', usual, instant, { isSettled: false }],
    ['is the usual one if the service is only partly automated', usual, instant, { automation: PARTIAL }],
    ['is the usual one if an officer issues the result', usual, instant, { result: DOCUMENT }],
    ['is that of the tariff if it is not instant', tenDays, tenDays, {}],
  ])('%s', (_, expected, term, facts) => {
    expect(termOf({ automation: FULL, result: ACKNOWLEDGEMENT, isSettled: true, ...facts }, term)).toEqual(expected)
  })

  it('is instant for no service of the data that an officer handles', () => {
    const instantly = (isSettled: boolean) =>
      dataFiles().services.services.flatMap(({ code, version: { automation, result, tariffs } }) => {
        const terms = tariffs.flatMap(({ terms: [decision] }) => (decision?.value == null ? [] : [decision]))
        const isInstant = ({ value, unit }: (typeof terms)[number]) =>
          termOf({ automation, result, isSettled }, { value: value ?? 0, unit }).unit === TermUnit.INSTANT
        return terms.some(isInstant) ? [code] : []
      })
    expect(instantly(true)).toEqual(['DIN-FINES-PAY', 'DVX-RETURN', 'DVX-EINVOICE', 'DGK-SMART', 'DSK-REPORT'])
    expect(instantly(false)).toEqual([])
  })
})
