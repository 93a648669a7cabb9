// Prints what was measured.
import { median } from './settings.js'

const header = [
  'requests a second (least–most)',
  'of bare',
  'server CPU, ms a request',
  'of bare',
  'PostgreSQL CPU, ms',
  'p50, ms',
  'p99, ms',
]

export const medianOf = (measured, figure) => median(measured.map((round) => round[figure]))
const quantile = (measured, part) => {
  const all = measured.flatMap(({ latencies }) => latencies).sort((a, b) => a - b)
  return all[Math.min(all.length - 1, Math.floor(all.length * part))].toFixed(1)
}
const printRow = (cells) => console.log(`| ${cells.join(' | ')} |`)
const printHeader = (cells) => {
  printRow(cells)
  console.log(`|${'---|'.repeat(cells.length)}`)
}

function figuresOf(measured, bare) {
  const of = (figure) => medianOf(measured, figure)
  const ofBare = (figure) => (bare ? (of(figure) / medianOf(bare, figure)).toFixed(2) : '–')
  const all = measured.map(({ perSecond }) => perSecond)
  return [
    `${of('perSecond').toFixed(0)} (${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)})`,
    ofBare('perSecond'),
    of('cpu').toFixed(2),
    ofBare('cpu'),
    of('postgres').toFixed(2),
    quantile(measured, 0.5),
    quantile(measured, 0.99),
  ]
}

/** One operation: a row for each server. */
export function printOperation(name, all) {
  const bare = all.find((one) => one.name === 'bare')
  console.log(`\n### ${name}\n`)
  printHeader(['', ...header])
  for (const { title, measured } of all) printRow([title, ...figuresOf(measured, bare?.measured)])
}

/** Operations of this server alone: a row for each. */
export function printAlone(title, rows) {
  console.log(`\n### ${title}\n`)
  printHeader(['', ...header])
  for (const [name, measured] of rows) printRow([name, ...figuresOf(measured)])
}

/** What was to be reached, and what was. Leaves out what was not measured. */
export function printGoals(results) {
  const rows = results.flatMap(({ operation: { name, goal }, all }) => {
    const measuredBy = (way) => all.find((one) => one.name === way)?.measured
    const server = measuredBy('pencere')
    const ratio = (way, figure) => {
      const other = measuredBy(way)
      return server && other && medianOf(server, figure) / medianOf(other, figure)
    }
    return [
      [`requests a second, of bare`, ratio('bare', 'perSecond'), '≥', goal?.perSecond],
      [`server CPU, of bare`, ratio('bare', 'cpu'), '≤', goal?.cpu],
      [`requests a second, of PostGraphile`, ratio('postgraphile', 'perSecond'), '≥', goal?.ofPostgraphile],
    ]
      .filter(([, reached, , wanted]) => reached !== undefined && wanted !== undefined)
      .map(([what, reached, sign, wanted]) => {
        const isMet = sign === '≥' ? reached >= wanted : reached <= wanted
        return [name, what, `${sign} ${wanted.toFixed(2)}`, reached.toFixed(2), isMet ? 'met' : 'not met']
      })
  })
  if (rows.length === 0) return
  console.log('\n### goals\n')
  printHeader(['', '', 'goal', 'reached', ''])
  for (const row of rows) printRow(row)
}
