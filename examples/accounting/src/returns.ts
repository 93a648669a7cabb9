import type { VatReturn2026Input } from './generated/graphql.js'

/** Reads returns from a CSV. Its first line has the names of the columns. */
export const returnsIn = (csv: string) => csv.trim().split(/\r?\n/).slice(1).map(returnOf)

function returnOf(line: string) {
  const [voen = '', period = '', sales = '', salesVat = '', purchases = '', purchasesVat = ''] = line.split(',')
  const due = qapiks(salesVat) - qapiks(purchasesVat)
  const amount = manats(due < 0 ? -due : due)
  const content: VatReturn2026Input = {
    kind: 'REGULAR',
    active: true,
    turnover: { taxable: { amount: sales, vat: salesVat }, zeroRated: '0', exempt: '0' },
    deductions: { invoices: { amount: purchases, vat: purchasesVat }, imports: { amount: '0', vat: '0' } },
    result: due < 0 ? { outcome: 'REFUNDABLE', amount, surplus: 'CARRY' } : { outcome: 'PAYABLE', amount },
  }
  return { voen, period, content }
}

/** Whole numbers: money is never a floating-point number. */
const qapiks = (manats: string) => BigInt(manats.replace(/^(\d+)\.(\d\d)$/, '$1$2'))
const manats = (qapiks: bigint) => String(qapiks).padStart(3, '0').replace(/(..)$/, '.$1')
