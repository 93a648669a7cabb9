import { describe, expect, it } from 'vitest'
import { paramText, say } from '../../src/engine/say.js'

const messages = {
  en: {
    'cake.size': 'A cake weighs {least} to {most} kg.',
    'cake.kind': 'Choose {allowed}: {hint}',
    'cake.hint': 'not {what}.',
  },
  ru: {
    'cake.size': 'Торт весит от {least} до {most} кг.',
    'cake.kind': 'Выберите {allowed}: {hint}',
    'cake.hint': 'не {what}.',
  },
}
const plum = { en: 'plum', ru: 'слива' }
const kind = {
  reason: 'cake.kind',
  params: { allowed: ['nut', plum], hint: { reason: 'cake.hint', params: { what: plum } } },
}

describe('say', () => {
  it('fills the placeholders of the text of a reason', () => {
    expect(say({ reason: 'cake.size', params: { least: 1, most: 5n } }, messages, 'en')).toBe(
      'A cake weighs 1 to 5 kg.',
    )
  })
  it('says lists, texts by language and nested reasons in the language', () => {
    expect(say(kind, messages, 'en')).toBe('Choose nut or plum: not plum.')
    expect(say(kind, messages, 'ru')).toBe('Выберите nut или слива: не слива.')
  })
  it.each([
    ['a reason without a text', { reason: 'cake.colour' }, 'cake.colour has none'],
    ['a placeholder without a parameter', { reason: 'cake.size', params: { least: 1 } }, 'the parameter most'],
    ['a text that lacks the language', { reason: 'cake.hint', params: { what: { az: 'gavalı' } } }, 'one in en'],
  ])('throws for %s', (_, reasoned, said) => {
    expect(() => say(reasoned, messages, 'en')).toThrow(said)
  })
})

describe('paramText', () => {
  it('separates the items of a list by commas', () => {
    expect(paramText(['nut', plum, 3], messages, 'ru')).toBe('nut, слива, 3')
  })
})
