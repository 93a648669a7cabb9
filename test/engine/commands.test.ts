import { describe, expect, it } from 'vitest'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { gate, openPostOffice, within } from './commandWorld.js'

const { database, asks, sends, standing, waiting } = await openPostOffice()
const idempotencyKey = 'key-of-ann-1'
const one = { letters: 1, events: 1, keys: 1 }
const none = { letters: 0, events: 0, keys: 0 }
const hello = { idempotencyKey, text: 'hello' }
const byAnn = { letter: { text: 'hello', sender: 'ann' }, userErrors: [], replayed: false }

describe('A command', () => {
  it('answers with what it made, as it stands after the commit', async () => {
    expect(await sends(hello)).toMatchObject({ ...byAnn, pickupCode: 'secret of hello' })
    expect(await standing()).toEqual(one)
  })

  it('without a key, where none is required, acts each time', async () => {
    await sends(hello)
    const rewrite = (more = '') =>
      asks(`mutation { rewriteLetter(input: { from: "hello", to: "hello" ${more} }) { replayed } }`)
    const [acted, replayed] = [false, true].map((replayed) => ({ data: { rewriteLetter: { replayed } }, errors: [] }))
    expect([await rewrite(), await rewrite()]).toEqual([acted, acted])
    expect([within.acts, await standing()]).toEqual([3, one])
    const key = 'idempotencyKey: "key-of-ann-2"'
    expect([await rewrite(key), await rewrite(key)]).toEqual([acted, replayed])
    expect(within.acts).toBe(4)
  })

  it('that refuses says all that is to be mended, in the language of the caller, and does nothing', async () => {
    const refused = { letter: null, pickupCode: null, replayed: false }
    const error = { code: 'MISSING', reason: 'letter.empty', field: ['text'], params: [{ name: 'least', value: '1' }] }
    const asked = { idempotencyKey, text: '' }
    expect(await sends(asked)).toEqual({ ...refused, userErrors: [{ ...error, message: 'The letter is empty.' }] })
    expect(await sends(asked, { language: 'ru' })).toMatchObject({ userErrors: [{ message: 'Məktub boşdur.' }] })
    expect([within.acts, await standing()]).toEqual([2, none])
  })

  it('that fails leaves nothing, and its error is masked as any', async () => {
    within.act = () => {
      throw new Error('the well-kept reason')
    }
    expect(await sends(hello)).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      path: ['sendLetter'],
      message: expect.not.stringContaining('reason'),
    })
    expect(await standing()).toEqual(none)
  })

  it('that made what its payload does not have has a fault, and does nothing', async () => {
    expect(await sends({ ...hello, text: 'odd' })).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(await standing()).toEqual(none)
  })

  it('of an operation comes after the one before, each by itself: one that fails takes no other with it', async () => {
    within.act = ({ tx }) => (within.acts === 2 ? tx.execute('select 1 / 0') : undefined)
    const sent = (name: string) =>
      `${name}: sendLetter(input: { idempotencyKey: "key-of-${name}", text: "${name}" }) { letter { text } }`
    const { data, errors } = await asks(`mutation { ${sent('a')} ${sent('b')} ${sent('c')} }`)
    expect(data).toEqual({ a: { letter: { text: 'a' } }, b: null, c: { letter: { text: 'c' } } })
    expect(errors).toMatchObject([{ path: ['b'] }])
    expect(await standing()).toEqual({ letters: 2, events: 2, keys: 2 })
  })

  it('shows what it wrote itself, and not what one before it in the operation had shown', async () => {
    await sends(hello)
    const { data } = await asks(`
      mutation { a: rewriteLetter(input: { from: "hello", to: "you" }) { ...All }
                 b: rewriteLetter(input: { from: "you", to: "there" }) { ...All } }
      fragment All on RewriteLetterPayload { letter { text } }`)
    expect(data).toEqual({ a: { letter: { text: 'you' } }, b: { letter: { text: 'there' } } })
  })

  it('that is too late for who asked does not commit', async () => {
    const { reached, open } = gate()
    const late = sends(hello, { timeout: 300 })
    await reached
    expect(await late).toMatchObject({ code: 'TIMEOUT' })
    open()
    expect(await sends(hello)).toMatchObject(byAnn)
    expect([within.acts, await standing()]).toEqual([2, one])
  })
})

describe('A command that found no connection in time', () => {
  it('does not begin when there is one', async () => {
    let letGo = () => {}
    const held = new Promise<void>((settle) => {
      letGo = settle
    })
    const holding = Array.from({ length: database.client.options.max }, () => database.client.begin(() => held))
    expect(await sends(hello, { timeout: 300 })).toMatchObject({ code: 'TIMEOUT' })
    letGo()
    await Promise.all(holding)
    expect(await sends({ ...hello, idempotencyKey: 'key-of-ann-2' })).toMatchObject(byAnn)
    expect([within.acts, await standing()]).toEqual([1, one])
  })
})

describe('A repeat with the same key', () => {
  it('does nothing new and answers the same, but for the secret', async () => {
    const first = await sends(hello)
    expect(await sends(hello)).toEqual({ ...first, pickupCode: null, replayed: true })
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  it('is one deed, for fifty who come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => sends(hello)))
    const acted = answers.filter(({ replayed }) => replayed === false)
    expect(acted).toHaveLength(1)
    const again = { ...acted[0], pickupCode: null, replayed: true }
    expect(answers.filter((answer) => answer !== acted[0])).toEqual(Array(49).fill(again))
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  const forBakery = { ...hello, party: 'bakery' }
  it.each<[string, object, object, Parameters<typeof sends>[1]]>([
    ['by another caller', hello, hello, { as: 'bob' }],
    ['by another caller for the same party', forBakery, forBakery, { as: 'bob' }],
    ['for another party', hello, forBakery, {}],
    ['in another mutation', hello, hello, { by: 'sendParcel' }],
  ])('%s is another key', async (_, first, input, request) => {
    await sends(first)
    expect(await sends(input, request)).toMatchObject({ replayed: false, userErrors: [] })
    expect([within.acts, await standing()]).toEqual([2, { letters: 2, events: 2, keys: 2 }])
    expect(await sends(input, request)).toMatchObject({ replayed: true })
    expect(await sends(first)).toMatchObject({ replayed: true })
  })

  it('and another input is KEY_REUSED, and tells nothing of the first', async () => {
    await sends(hello)
    const { userErrors, ...rest } = await sends({ ...hello, text: 'bye' })
    expect(rest).toEqual({ letter: null, pickupCode: null, replayed: false })
    expect(userErrors).toEqual([
      {
        ...{ code: 'KEY_REUSED', reason: 'idempotencyKey.reused', field: ['idempotencyKey'], params: [] },
        message: expect.stringContaining('another input'),
      },
    ])
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  it('acts, after a refusal, a failure, and one that was undone by the database', async () => {
    await sends({ ...hello, text: '' })
    within.act = () => Promise.reject(new Error())
    await sends(hello)
    within.act = ({ tx }) => tx.execute('select 1 / 0')
    await sends(hello)
    within.act = () => {}
    expect(await sends({ ...hello, text: 'bye' })).toMatchObject({ letter: { text: 'bye' }, replayed: false })
    expect(await standing()).toEqual(one)
  })

  it('reads what it made anew: as it is by now, and null where the caller may no longer see it', async () => {
    const { letter } = await sends(hello)
    await database.client`update letters set text = 'changed'`
    expect(await sends(hello)).toMatchObject({ letter: { ...letter, text: 'changed' }, replayed: true })
    await database.client`update letters set sender = 'bob'`
    expect(await sends(hello)).toMatchObject({ letter: null, userErrors: [], replayed: true })
    expect(await sends(hello, { kind: 'CLERK' })).toMatchObject({ letter: { id: letter.id }, replayed: true })
  })

  it('tells what it can of a key from before a part of the payload was renamed', async () => {
    await sends(hello)
    await database.client`update command_keys set made = jsonb_build_object('note', made->'letter')`
    expect(await sends(hello)).toMatchObject({ letter: null, userErrors: [], replayed: true })
  })

  it('asks the guard again', async () => {
    await sends(hello)
    expect(await sends(hello, { kind: 'STRANGER' })).toMatchObject({ code: 'FORBIDDEN', path: ['sendLetter'] })
  })

  it('is not for nobody, whose keys would be those of everybody', async () => {
    expect(await sends(hello, { kind: 'NOBODY' })).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect([within.acts, await standing()]).toEqual([0, none])
  })
})

describe('Whoever comes with a key that is being used', () => {
  const both = async () => {
    const { reached, open } = gate()
    const first = sends(hello)
    await reached
    const second = sends(hello)
    await waiting(1)
    return { first, second, open }
  }

  it('waits, and finds what was done', async () => {
    const { first, second, open } = await both()
    open()
    expect([await first, await second]).toMatchObject([{ replayed: false }, { replayed: true }])
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  it('waits, and acts where the other failed', async () => {
    armFailpoints('command.acted=throw')
    const { first, second, open } = await both()
    open()
    expect([await first, await second]).toMatchObject([{ code: 'INTERNAL_SERVER_ERROR' }, byAnn])
    expect([within.acts, await standing()]).toEqual([2, one])
  })

  it('waits for no longer than a request may take, and is not done later', async () => {
    const { reached, open } = gate()
    const first = sends(hello)
    await reached
    const late = sends(hello, { timeout: 300 })
    await waiting(1)
    expect(await late).toMatchObject({ code: 'TIMEOUT' })
    open()
    expect(await first).toMatchObject(byAnn)
    expect(await sends(hello)).toMatchObject({ replayed: true })
    expect([within.acts, await standing()]).toEqual([1, one])
  })
})

describe('What the database could not keep', () => {
  const failing = (code: string, times: number) => {
    within.act = ({ tx }) =>
      within.acts <= times
        ? tx.execute(`do $$ begin raise exception 'no' using errcode = '${code}'; end $$`)
        : undefined
  }

  it.each(['40001', '40P01'])('is done again from its start: %s', async (code) => {
    failing(code, 3)
    expect(await sends(hello)).toMatchObject(byAnn)
    expect([within.acts, await standing()]).toEqual([4, one])
  })

  it.each([
    ['40001', 4],
    ['55P03', 1],
  ])('is told as SERVICE_UNAVAILABLE where it comes to nothing: %s', async (code, acts) => {
    failing(code, 10)
    expect(await sends(hello)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    expect([within.acts, await standing()]).toEqual([acts, none])
  })

  it('is not what another error says', async () => {
    failing('23505', 10)
    expect(await sends(hello)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect([within.acts, await standing()]).toEqual([1, none])
  })
})

describe('A process that is hit', () => {
  it.each(['command.keyed', 'command.acted'])('at %s has done nothing', async (name) => {
    armFailpoints(`${name}=throw`)
    expect(await sends(hello)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(await standing()).toEqual(none)
    expect(await sends(hello)).toMatchObject(byAnn)
  })

  it('at command.committed has done it, and a repeat says so', async () => {
    armFailpoints('command.committed=throw')
    expect(await sends(hello)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(await sends(hello)).toMatchObject({ replayed: true, letter: { text: 'hello' } })
    expect([within.acts, await standing()]).toEqual([1, one])
  })
})

describe('An idempotencyKey', () => {
  const sent = async (idempotencyKey: unknown) => sends({ text: 'x', idempotencyKey })

  it.each([
    ['the shortest', '12345678'],
    ['the longest', 'k'.repeat(200)],
    ['with signs', '!~+/=_-.'],
  ])('is good: %s', async (_, key) => expect(await sent(key)).toMatchObject({ replayed: false }))
  it.each([
    ['too short', '1234567', 'came one of 7.'],
    ['too long', 'k'.repeat(201), 'came one of 201.'],
    ['empty', '', 'came one of 0.'],
    ['of words', 'with a space', 'came one with other characters, or with a space.'],
    ['of other letters', 'açar-açar', 'came one with other characters, or with a space.'],
    ['a number', 12345678, 'came a value of type number.'],
  ])('is not good, and is told why: %s', async (_, key, said) => {
    const { code, message } = await sent(key)
    expect([code, message]).toEqual(['BAD_USER_INPUT', expect.stringContaining(said)])
    expect(await standing()).toEqual(none)
  })
  it.each([null, undefined])('is required where something is created: %s', async (key) =>
    expect(await sent(key)).toMatchObject({ code: 'BAD_USER_INPUT' }),
  )
})
