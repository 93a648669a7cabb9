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
  it('returns what it made, read after the commit', async () => {
    expect(await sends(hello)).toMatchObject({ ...byAnn, pickupCode: 'secret of hello' })
    expect(await standing()).toEqual(one)
  })

  it('acts each time when its optional key is absent', async () => {
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

  it('does nothing and returns all userErrors, in the language of the caller, when it refuses', async () => {
    const refused = { letter: null, pickupCode: null, replayed: false }
    const error = { code: 'MISSING', reason: 'letter.empty', field: ['text'], params: [{ name: 'least', value: '1' }] }
    const asked = { idempotencyKey, text: '' }
    expect(await sends(asked)).toEqual({ ...refused, userErrors: [{ ...error, message: 'The letter is empty.' }] })
    expect(await sends(asked, { language: 'ru' })).toMatchObject({ userErrors: [{ message: 'Письмо пустое.' }] })
    expect([within.acts, await standing()]).toEqual([2, none])
  })

  it('keeps nothing and has its error masked when it fails', async () => {
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

  it('keeps nothing when it made something that its payload lacks', async () => {
    expect(await sends({ ...hello, text: 'odd' })).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(await standing()).toEqual(none)
  })

  it('runs after the one before it, and fails alone', async () => {
    within.act = ({ tx }) => (within.acts === 2 ? tx.execute('select 1 / 0') : undefined)
    const sent = (name: string) =>
      `${name}: sendLetter(input: { idempotencyKey: "key-of-${name}", text: "${name}" }) { letter { text } }`
    const { data, errors } = await asks(`mutation { ${sent('a')} ${sent('b')} ${sent('c')} }`)
    expect(data).toEqual({ a: { letter: { text: 'a' } }, b: null, c: { letter: { text: 'c' } } })
    expect(errors).toMatchObject([{ path: ['b'] }])
    expect(await standing()).toEqual({ letters: 2, events: 2, keys: 2 })
  })

  it('reads its own writes after another command of the operation', async () => {
    await sends(hello)
    const { data } = await asks(`
      mutation { a: rewriteLetter(input: { from: "hello", to: "you" }) { ...All }
                 b: rewriteLetter(input: { from: "you", to: "there" }) { ...All } }
      fragment All on RewriteLetterPayload { letter { text } }`)
    expect(data).toEqual({ a: { letter: { text: 'you' } }, b: { letter: { text: 'there' } } })
  })

  it('does not commit after the timeout of its request', async () => {
    const { reached, open } = gate()
    const late = sends(hello, { timeout: 300 })
    await reached
    expect(await late).toMatchObject({ code: 'TIMEOUT' })
    open()
    expect(await sends(hello)).toMatchObject(byAnn)
    expect([within.acts, await standing()]).toEqual([2, one])
  })
})

describe('A command without a free connection', () => {
  it('does not run later, after the timeout of its request', async () => {
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
  it('does nothing new and returns the same, without the secret', async () => {
    const first = await sends(hello)
    expect(await sends(hello)).toEqual({ ...first, pickupCode: null, replayed: true })
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  it('is done once for fifty at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => sends(hello)))
    const acted = answers.filter(({ replayed }) => replayed === false)
    expect(acted).toHaveLength(1)
    const again = { ...acted[0], pickupCode: null, replayed: true }
    expect(answers.filter((answer) => answer !== acted[0])).toEqual(Array(49).fill(again))
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  const forBakery = { ...hello, partyId: 'bakery' }
  it.each<[string, object, object, Parameters<typeof sends>[1], Parameters<typeof sends>[1]?]>([
    ['by another caller', hello, hello, { as: 'bob' }],
    ['by another caller for the same party', forBakery, forBakery, { as: 'bob' }],
    ['by another program of the same organisation', hello, hello, { as: 'bob', of: 'bakery' }, { of: 'bakery' }],
    ['for another party', hello, forBakery, {}],
    ['in another mutation', hello, hello, { by: 'sendParcel' }],
  ])('%s counts as another key', async (_, first, input, request, firstRequest) => {
    await sends(first, firstRequest)
    expect(await sends(input, request)).toMatchObject({ replayed: false, userErrors: [] })
    expect([within.acts, await standing()]).toEqual([2, { letters: 2, events: 2, keys: 2 }])
    expect(await sends(input, request)).toMatchObject({ replayed: true })
    expect(await sends(first, firstRequest)).toMatchObject({ replayed: true })
  })

  it('returns KEY_REUSED for another input, and nothing of the first', async () => {
    await sends(hello)
    const { userErrors, ...rest } = await sends({ ...hello, text: 'bye' })
    expect(rest).toEqual({ letter: null, pickupCode: null, replayed: false })
    expect(userErrors).toEqual([
      {
        code: 'KEY_REUSED',
        reason: 'idempotencyKey.reused',
        field: ['idempotencyKey'],
        params: [],
        message: expect.stringContaining('another input'),
      },
    ])
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  it('acts after a refusal, a failure and a rollback', async () => {
    await sends({ ...hello, text: '' })
    within.act = () => Promise.reject(new Error())
    await sends(hello)
    within.act = ({ tx }) => tx.execute('select 1 / 0')
    await sends(hello)
    within.act = () => {}
    expect(await sends({ ...hello, text: 'bye' })).toMatchObject({ letter: { text: 'bye' }, replayed: false })
    expect(await standing()).toEqual(one)
  })

  it('reads what it made anew, and returns null when the caller may no longer see it', async () => {
    const { letter } = await sends(hello)
    await database.client`update letters set text = 'changed'`
    expect(await sends(hello)).toMatchObject({ letter: { ...letter, text: 'changed' }, replayed: true })
    await database.client`update letters set sender = 'bob'`
    expect(await sends(hello)).toMatchObject({ letter: null, userErrors: [], replayed: true })
    expect(await sends(hello, { kind: 'CLERK' })).toMatchObject({ letter: { id: letter.id }, replayed: true })
  })

  it('returns null for a part of the payload that was renamed since', async () => {
    await sends(hello)
    await database.client`update command_keys set made = jsonb_build_object('note', made->'letter')`
    expect(await sends(hello)).toMatchObject({ letter: null, userErrors: [], replayed: true })
  })

  it('is checked by the guard again', async () => {
    await sends(hello)
    expect(await sends(hello, { kind: 'STRANGER' })).toMatchObject({ code: 'FORBIDDEN', path: ['sendLetter'] })
  })

  it('requires a signed-in caller', async () => {
    expect(await sends(hello, { kind: 'ANONYMOUS' })).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect([within.acts, await standing()]).toEqual([0, none])
  })
})

describe('A second request with a key in use', () => {
  const both = async () => {
    const { reached, open } = gate()
    const first = sends(hello)
    await reached
    const second = sends(hello)
    await waiting(1)
    return { first, second, open }
  }

  it('waits and returns the result of the first', async () => {
    const { first, second, open } = await both()
    open()
    expect([await first, await second]).toMatchObject([{ replayed: false }, { replayed: true }])
    expect([within.acts, await standing()]).toEqual([1, one])
  })

  it('waits and acts when the first fails', async () => {
    armFailpoints('command.acted=throw')
    const { first, second, open } = await both()
    open()
    expect([await first, await second]).toMatchObject([{ code: 'INTERNAL_SERVER_ERROR' }, byAnn])
    expect([within.acts, await standing()]).toEqual([2, one])
  })

  it('waits no longer than its timeout, and is not done later', async () => {
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

describe('A command that the database rolled back', () => {
  const failing = (code: string, times: number) => {
    within.act = ({ tx }) =>
      within.acts <= times
        ? tx.execute(`do $$ begin raise exception 'no' using errcode = '${code}'; end $$`)
        : undefined
  }

  it.each(['40001', '40P01'])('is retried from its start on %s', async (code) => {
    failing(code, 3)
    expect(await sends(hello)).toMatchObject(byAnn)
    expect([within.acts, await standing()]).toEqual([4, one])
  })

  it.each([
    ['40001', 4],
    ['55P03', 1],
  ])('returns SERVICE_UNAVAILABLE when %s persists', async (code, acts) => {
    failing(code, 10)
    expect(await sends(hello)).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    expect([within.acts, await standing()]).toEqual([acts, none])
  })

  it('is not retried on another error', async () => {
    failing('23505', 10)
    expect(await sends(hello)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect([within.acts, await standing()]).toEqual([1, none])
  })
})

describe('A crash', () => {
  it.each(['command.keyed', 'command.acted'])('at %s leaves nothing done', async (name) => {
    armFailpoints(`${name}=throw`)
    expect(await sends(hello)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(await standing()).toEqual(none)
    expect(await sends(hello)).toMatchObject(byAnn)
  })

  it('at command.committed leaves the command done for a repeat', async () => {
    armFailpoints('command.committed=throw')
    expect(await sends(hello)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
    expect(await sends(hello)).toMatchObject({ replayed: true, letter: { text: 'hello' } })
    expect([within.acts, await standing()]).toEqual([1, one])
  })
})

describe('idempotencyKey', () => {
  const sent = async (idempotencyKey: unknown) => sends({ text: 'x', idempotencyKey })

  it.each([
    ['of 8 characters', '12345678'],
    ['of 200 characters', 'k'.repeat(200)],
    ['with punctuation', '!~+/=_-.'],
  ])('accepts a key %s', async (_, key) => expect(await sent(key)).toMatchObject({ replayed: false }))
  it.each([
    ['that is too short', '1234567', '; this has 7.'],
    ['that is too long', 'k'.repeat(201), '; this has 201.'],
    ['that is empty', '', '; this has 0.'],
    ['with a space', 'with a space', '; this has a space or another character.'],
    ['with other letters', 'açar-açar', '; this has a space or another character.'],
    ['that is a number', 12345678, '; this is a value of type number.'],
  ])('refuses a key %s with the reason', async (_, key, said) => {
    const { code, message } = await sent(key)
    expect([code, message]).toEqual(['BAD_USER_INPUT', expect.stringContaining(said)])
    expect(await standing()).toEqual(none)
  })
  it.each([null, undefined])('refuses %s where a key is required', async (key) =>
    expect(await sent(key)).toMatchObject({ code: 'BAD_USER_INPUT' }),
  )
})
