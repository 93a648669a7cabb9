import { describe, expect, it } from 'vitest'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { long } from '../support/long.js'

const database = await cloneDatabase()
const ask = await apiOf(database)

const query = `query ($text: String!, $filter: ServiceFilter, $first: Int, $after: String, $last: Int, $before: String) {
  searchServices(text: $text, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { cursor node { service { code } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`
const page = async (variables: Record<string, unknown>, language = 'az') => {
  const { data, errors } = await ask(query, { variables, language })
  expect(errors).toBeUndefined()
  const { edges, pageInfo, totalCount } = data.searchServices
  return { codes: edges.map(({ node }: any) => node.service.code), edges, ...pageInfo, totalCount }
}
const refusal = async (variables: Record<string, unknown>, language = 'az') => {
  const { data, errors } = await ask(query, { variables, language })
  expect(data.searchServices).toBeNull()
  return errors?.map(({ extensions }) => extensions.code)
}

describe('searchServices pages', () => {
  // For "qeydiyyat" many services have the same rank: their codes decide the order.
  const walks: [string, object, number][] = [
    ['qeydiyyat', {}, 7],
    ['справка', { audience: 'CITIZEN' }, 2],
  ]
  const allWalks = ['qeydiyyat', 'dövlət', 'certificate', 'справка'].flatMap((text) =>
    [1, 2, 7].map((size): [string, object, number] => [text, text === 'справка' ? { audience: 'CITIZEN' } : {}, size]),
  )
  it.each(long ? allWalks : walks)(
    'list each hit for %s %j once, forward and backward, by %i',
    async (text, filter, size) => {
      const all = await page({ text, filter, first: 100 })
      expect(all.codes.length).toBeGreaterThan(5)
      expect([all.totalCount, all.hasNextPage, all.hasPreviousPage]).toEqual([all.codes.length, false, false])
      const forward: string[] = []
      let at = await page({ text, filter, first: size })
      expect(at.hasPreviousPage).toBe(false)
      for (forward.push(...at.codes); at.hasNextPage; forward.push(...at.codes)) {
        at = await page({ text, filter, first: size, after: at.endCursor })
        expect([at.hasPreviousPage, at.totalCount]).toEqual([true, all.totalCount])
      }
      expect(forward).toEqual(all.codes)
      const backward: string[] = []
      at = await page({ text, filter, last: size })
      for (backward.unshift(...at.codes); at.hasPreviousPage; backward.unshift(...at.codes)) {
        at = await page({ text, filter, last: size, before: at.startCursor })
        expect(at.hasNextPage).toBe(true)
      }
      expect(backward).toEqual(all.codes)
    },
  )

  it('lie between two cursors when both are given', async () => {
    const text = 'qeydiyyat'
    const { edges, codes } = await page({ text, first: 100 })
    const between = { text, after: edges[1].cursor, before: edges[5].cursor }
    expect(await page({ ...between, first: 2 })).toMatchObject({
      codes: codes.slice(2, 4),
      hasNextPage: true,
      hasPreviousPage: true,
    })
    expect(await page({ ...between, last: 9 })).toMatchObject({
      codes: codes.slice(2, 5),
      hasNextPage: true,
      hasPreviousPage: true,
    })
  })

  it('continue at the cursor when a service of the page before was retired', async () => {
    const text = 'qeydiyyat'
    const { codes } = await page({ text, first: 100 })
    const { endCursor } = await page({ text, first: 3 })
    const set = (status: string) =>
      database.client.unsafe(`update services set status = $1 where code = $2`, [status, codes[2]])
    await set('RETIRED')
    expect((await page({ text, first: 100, after: endCursor })).codes).toEqual(codes.slice(3))
    await set('ACTIVE')
  })
})

describe('searchServices', () => {
  it('rejects a page without a size, with two sizes, or of more than 100', async () => {
    for (const size of [{}, { first: 1, last: 1 }, { first: 0 }, { first: 101 }, { last: -1 }])
      expect(await refusal({ text: 'pasport', ...size })).toEqual(['BAD_USER_INPUT'])
  })

  it('rejects a cursor of another text, another language or another list, and an invented one', async () => {
    const [{ cursor }] = (await page({ text: 'viza', first: 1 })).edges
    const { data } = await ask('{ services(first: 1) { edges { cursor } } }')
    const parts = JSON.parse(Buffer.from(cursor, 'base64').toString())
    const made = (...changed: unknown[]) => Buffer.from(JSON.stringify(changed)).toString('base64')
    const [list, place, code] = parts
    for (const after of [
      data.services.edges[0].cursor,
      'x',
      '',
      made(list, 'x', code),
      made(list, '9'.repeat(30), code),
      made(list, place, 'x\0'),
      made(list, place),
      made(list, Number(place), code),
    ])
      expect([after, await refusal({ text: 'viza', first: 1, after })]).toEqual([after, ['BAD_USER_INPUT']])
    expect(await refusal({ text: 'pasport', first: 1, after: cursor })).toEqual(['BAD_USER_INPUT'])
    expect(await refusal({ text: 'viza', first: 1, before: cursor }, 'en')).toEqual(['BAD_USER_INPUT'])
    expect((await page({ text: ' VİZA!', first: 1, after: cursor })).hasPreviousPage).toBe(true) // the same words
  })

  it('rejects a text of more than 200 characters, as suggestServices does', async () => {
    for (const text of ['x'.repeat(10_000), 'ə '.repeat(101)]) {
      expect(await refusal({ text, first: 1 })).toEqual(['BAD_USER_INPUT'])
      const { errors } = await ask('query ($text: String!) { suggestServices(text: $text, first: 1) { text } }', {
        variables: { text },
      })
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    }
  })

  it('rejects an operation that could return too many nodes', async () => {
    const { errors } = await ask(`{ searchServices(text: "x", first: 100) { nodes { service { agency {
      services(first: 100) { nodes { agency { services(first: 100) { nodes { code } } } } } } } } } }`)
    expect(errors?.[0]?.extensions.code).toBe('TOO_COSTLY')
  })
})

describe('searchServices and suggestServices', () => {
  const texts = ['', '\0', 'pas\0port', '\ud800', '😀', "'; drop table services; --", 'pas:*', '(pasport', '\\', '%']
  texts.push('x'.repeat(200), 'a b c d e f g h i j k l m n o p q r s t u v w x y z')
  const moreTexts = [
    ' ',
    'a',
    'ə',
    '.',
    '?!…',
    '👨‍👩‍👧 pasport',
    'ﷺ',
    '中文',
    '" or 1=1',
    'pasport & viza | !şəxs',
    'a <-> b',
  ]
  moreTexts.push('_', "o'neil", '*', ':', 'null', '-1', '1e9', '١٢٣', 'ß', 'İIıi', 'ə'.repeat(200), '𝓅𝒶𝓈𝓅𝑜𝓇𝓉')
  moreTexts.push('\u202Epasport')
  const tried = long ? [...texts, ...moreTexts] : texts
  it.each(tried.map((text) => [JSON.stringify(text).slice(0, 40), text]))('answer the text %s', async (_, text) => {
    const { codes, totalCount } = await page({ text, first: 100 })
    expect(codes).toHaveLength(totalCount)
    const { errors } = await ask('query ($text: String!) { suggestServices(text: $text, first: 10) { text } }', {
      variables: { text },
    })
    expect(errors).toBeUndefined()
  })

  it('read letters of other alphabets and shapes, and leave out what is no word', async () => {
    const { codes } = await page({ text: 'pasport', first: 100 })
    for (const text of ['𝓅𝒶𝓈𝓅𝑜𝓇𝓉', '👨‍👩‍👧 pasport', '"PASPORT"', 'pasport pasport', 'pa’sport'])
      expect([text, (await page({ text, first: 100 })).codes]).toEqual([text, codes])
    for (const text of ['', ' ', '?!…', '😀', '中文'])
      expect([text, (await page({ text, first: 100 })).codes]).toEqual([text, []])
  })
})

describe('Statements of a search', () => {
  const whole = `searchServices(text: $text, first: $first) {
    totalCount nodes { service { name agency { name } lifeEvent { name } currentVersion { tariffs { fees { money { amount } } } } } highlight { text } }
    facets { agencies { agency { name } count } lifeEvents { lifeEvent { name } count } audiences { audience count } } }`
  const statementsOf = async (text: string, first: number, fields = whole) => {
    database.statements.length = 0
    const { data, errors } = await ask(`query ($text: String!, $first: Int!) { ${fields} }`, {
      variables: { text, first },
    })
    expect(errors).toBeUndefined()
    return { count: database.statements.length, nodes: data.searchServices?.nodes.length }
  }

  it('are as many for one hit as for fifty', async () => {
    const one = await statementsOf('VÖEN', 1)
    const fifty = await statementsOf('Azərbaycan', 50)
    expect([one.nodes, fifty.nodes]).toEqual([1, 50])
    // Words, hits, and one for the services, the agencies and the life events each.
    expect([one.count, fifty.count]).toEqual([5, 5])
  })

  it('are two without the services, one for unknown words, and none for no word', async () => {
    const hits = 'searchServices(text: $text, first: $first) { totalCount nodes { field } }'
    expect((await statementsOf('dövlət', 50, hits)).count).toBe(2)
    expect((await statementsOf('qwertyuiop', 50, hits)).count).toBe(1)
    expect((await statementsOf('?!', 50, hits)).count).toBe(0)
  })
})
