import { describe, expect, it } from 'vitest'
import { unmetered } from '../../src/engine/rates.js'
import { openPostOffice, payload, within } from './commandWorld.js'

const { database, asks, standing } = await openPostOffice()
type Request = Parameters<typeof asks>[2]

const fields = payload.replace('pickupCode', '')
const postsOne = async (input: object, request?: Request) => {
  const query = `mutation ($input: PostLetterInput!) { postLetter(input: $input) { ${fields} } }`
  const { data, errors } = await asks(query, { input }, request)
  return errors[0] ?? data.postLetter
}
const ofItems = `{ results { ${fields} } userErrors { code reason field message } }`
const posts = async (texts: string[], request?: Request, selection = ofItems) => {
  const query = `mutation ($input: PostLettersInput!) { postLetters(input: $input) ${selection} }`
  const { data, errors } = await asks(query, { input: { letters: texts.map((text) => ({ text })) } }, request)
  return errors[0] ?? data.postLetters
}
const letterOf = (text: string) => ({ letter: { text, sender: 'ann' }, userErrors: [] })
const empty = { code: 'MISSING', reason: 'letter.empty', message: 'The letter is empty.' }

describe('A command whose input has its own key', () => {
  it('takes no idempotencyKey, and keeps none', async () => {
    expect(await postsOne({ text: 'hello', idempotencyKey: 'key-of-ann-1' })).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(await postsOne({ text: 'hello' })).toMatchObject({ ...letterOf('hello'), replayed: false })
    expect(await standing()).toMatchObject({ letters: 1, keys: 0 })
  })

  it('says by itself that it was done before', async () => {
    const { letter } = await postsOne({ text: 'hello' })
    expect(await postsOne({ text: 'hello' })).toMatchObject({ letter, replayed: true, userErrors: [] })
    expect(await postsOne({ text: 'hello' }, { as: 'bob' })).toMatchObject({ replayed: false })
    expect([within.acts, (await standing()).letters]).toEqual([3, 2])
  })
})

describe('A command on several items', () => {
  it('returns a result for each item in order, and keeps what was not refused', async () => {
    await postsOne({ text: 'old' })
    const { results, userErrors } = await posts(['new', '', 'old', 'new'])
    expect(results).toMatchObject([
      { ...letterOf('new'), replayed: false },
      { letter: null, userErrors: [empty], replayed: false },
      { ...letterOf('old'), replayed: true },
      { ...letterOf('new'), replayed: true },
    ])
    expect(userErrors).toEqual([])
    expect(await standing()).toMatchObject({ letters: 2, keys: 0 })
  })

  it('says the errors of an item in the language of the caller', async () => {
    const { results } = await posts([''], { language: 'ru' })
    expect(results).toMatchObject([{ userErrors: [{ message: 'Письмо пустое.' }] }])
  })

  it('has no results if it is refused as a whole', async () => {
    expect(await posts([])).toMatchObject({ results: null, userErrors: [empty] })
  })

  it('keeps nothing of any item if one fails', async () => {
    within.act = () => {
      if (within.acts === 2) throw new Error('the second')
    }
    expect(await posts(['a', 'b', 'c'])).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(await posts(['a', 'odd'])).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect((await standing()).letters).toBe(0)
  })

  it('reads the results of one item or many in as many statements', async () => {
    const readsOf = async (texts: string[]) => {
      database.statements.length = 0
      await posts(texts)
      return database.statements.filter((text) => /select/.test(text) && /letters/.test(text) && !/"text" =/.test(text))
    }
    const one = await readsOf(['a'])
    expect(one).toHaveLength(1)
    expect(await readsOf(['b', 'c', 'd'])).toHaveLength(1)
  })

  it('shows an item that its caller may not see as null, and the others', async () => {
    within.act = ({ tx }) =>
      within.acts === 1 ? tx.execute(`update letters set sender = 'bob' where text = 'a'`) : undefined
    const { results } = await posts(['a', 'b'])
    expect(results).toMatchObject([{ letter: null, userErrors: [] }, letterOf('b')])
  })

  it('counts each item as a call of the command for one', async () => {
    const counted: [string, number | undefined][] = []
    const meter = {
      ...unmetered,
      command: async (name: string, calls?: number) => {
        counted.push([name, calls])
        return calls === 3 ? 7 : 0
      },
    }
    await postsOne({ text: 'a' }, { meter })
    await posts(['b', 'c'], { meter })
    expect(await posts(['d', 'e', 'f'], { meter })).toMatchObject({ code: 'RATE_LIMITED', path: ['postLetters'] })
    expect(counted).toEqual([
      ['postLetter', 1],
      ['postLetter', 2],
      ['postLetter', 3],
    ])
    expect((await standing()).letters).toBe(3)
  })

  it('costs as much as 100 items with 20 errors each, whatever is sent', async () => {
    const listed = (times: number, selection: string) =>
      `{ results { ${Array.from({ length: times }, (_, at) => `a${at}: ${selection}`).join(' ')} } }`
    expect(await posts(['a'], {}, listed(1, 'userErrors { code message }'))).toMatchObject({ results: [{ a0: [] }] })
    expect(await posts(['a'], {}, listed(12, 'userErrors { code }'))).toMatchObject({ results: [{ a11: [] }] })
    expect(await posts(['a'], {}, listed(13, 'userErrors { code }'))).toMatchObject({ code: 'TOO_COSTLY' })
  })
})
