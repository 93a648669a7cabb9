import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { sampled } from '../support/long.js'

const ask = await apiOf(await cloneDatabase())
type Wish = [text: string, code: string]
type Sets = Record<'tuned' | 'heldOut', Wish[]>
const { named, nothing, everyday, ...first }: Sets & { named: Wish[]; everyday: Sets; nothing: string[] } = JSON.parse(
  readFileSync(new URL('relevance.data.json', import.meta.url), 'utf8'),
)
const tuned = sampled([...first.tuned, ...everyday.tuned], 3)
const heldOut = sampled([...first.heldOut, ...everyday.heldOut], 3)

const query = `query ($text: String!) {
  searchServices(text: $text, first: 3) { totalCount nodes { service { code } highlight { matched } } }
}`
type Found = Promise<{ totalCount: number; nodes: { service: { code: string }; highlight: { matched: boolean }[] }[] }>
const searches = new Map<string, Found>()
const search = (text: string): Found => {
  const found = searches.get(text) ?? ask(query, { variables: { text } }).then(({ data }) => data.searchServices)
  searches.set(text, found)
  return found
}
/** The wishes whose service is not among the first three hits. */
async function missed(wishes: Wish[]): Promise<Wish[]> {
  const found = await Promise.all(wishes.map(([text]) => search(text)))
  return wishes.filter(([, code], at) => !found[at]?.nodes.some(({ service }) => service.code === code))
}

describe('searchServices', () => {
  it.each<Wish>(named)('finds for %s the service %s among the first three hits', async (text, code) => {
    expect(await missed([[text, code]])).toEqual([])
  })

  it('finds 98 of 100 services by texts that the weights were tuned with', async () => {
    expect((await missed(tuned)).length / tuned.length).toBeLessThan(0.02)
  })

  it('finds 19 of 20 services by texts that the weights were not tuned with', async () => {
    expect((await missed(heldOut)).length / heldOut.length).toBeLessThan(0.05)
  })

  it('finds at most one service by nonsense', async () => {
    const found = await Promise.all(nothing.map(search))
    expect(nothing.filter((_, at) => (found[at]?.totalCount ?? 0) > 1)).toEqual([])
  })

  it('marks a matching word in each hit', async () => {
    const found = await Promise.all(tuned.map(([text]) => search(text)))
    const unmarked = found.flatMap(({ nodes }) =>
      nodes.filter(({ highlight }) => !highlight.some(({ matched }) => matched)),
    )
    expect(unmarked).toEqual([])
  })
})
