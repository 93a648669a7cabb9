import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memory } from '../../src/sandbox/memory.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('memory', () => {
  it('finds a value by its kind and id until it expires', async () => {
    const of = memory()
    await of('AuthorizationCode').upsert('a', { accountId: 'citizen' }, 60)
    expect(await of('AuthorizationCode').find('a')).toEqual({ accountId: 'citizen' })
    expect(await of('Session').find('a')).toBeUndefined()
    vi.advanceTimersByTime(60_000)
    expect(await of('AuthorizationCode').find('a')).toBeUndefined()
  })

  it('finds a session, and no other kind, by its uid', async () => {
    const of = memory()
    await of('Session').upsert('a', { uid: 'u' }, 60)
    await of('Interaction').upsert('b', { uid: 'v' }, 60)
    expect(await of('Session').findByUid('u')).toEqual({ uid: 'u' })
    expect(await of('Session').findByUid('v')).toBeUndefined()
  })

  it('marks a used code and removes it with its grant', async () => {
    const of = memory()
    const codes = of('AuthorizationCode')
    await codes.upsert('a', { grantId: 'g' }, 60)
    await codes.upsert('b', { grantId: 'h' }, 60)
    await codes.consume('a')
    expect(await codes.find('a')).toMatchObject({ consumed: Math.floor(Date.now() / 1000) })
    await codes.revokeByGrantId('g')
    expect([await codes.find('a'), await codes.find('b')]).toEqual([undefined, { grantId: 'h' }])
    await codes.destroy('b')
    expect(await codes.find('b')).toBeUndefined()
  })

  it('keeps the last 10000 values of a kind', async () => {
    const interactions = memory()('Interaction')
    for (let at = 0; at < 10_500; at++) await interactions.upsert(`${at}`, {}, 3600)
    expect(await interactions.find('0')).toBeUndefined()
    expect(await interactions.find('501')).toEqual({})
    expect(await interactions.find('10499')).toEqual({})
  })
})
