import 'reflect-metadata'
import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import { type ClassType, Field, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { describe, expect, it } from 'vitest'
import { AllowedTo, anyone } from '../../src/engine/allowedTo.js'
import { command, made } from '../../src/engine/command.js'
import { everyone, type Scope, Stored, whoSeesItsParent } from '../../src/engine/declare.js'
import { type Domain, schemaOf } from '../../src/engine/engine.js'

const client = postgres('postgres://nowhere') // never asked
const stamps = pgTable('stamps', { id: uuid('id').primaryKey(), motif: text('motif').notNull() })
const string = (type: ClassType, name: string) => Field(() => String, { nullable: true })(type.prototype, name)

function stamp(scope: Scope = everyone) {
  class Stamp {}
  AllowedTo(anyone)(Stamp)
  Stored(stamps, scope)(Stamp)
  ObjectType({ simpleResolvers: true })(Stamp)
  string(Stamp, 'motif')
  return Stamp
}
function input(name: string, ...fields: string[]) {
  const type = { [name]: class {} }[name] as ClassType // just made
  InputType()(type)
  for (const field of ['motif', ...fields]) string(type, field)
  return type
}
/** A command without a gap: with types of its own each time, for what is declared stays so. */
const whole = (Stamp: ClassType = stamp()) => ({
  name: 'printStamp',
  description: '',
  allowedTo: anyone,
  input: input('PrintStampInput'),
  creates: true,
  key: 'required' as const,
  made: { stamp: { type: Stamp, description: '' } },
  act: async () => made({ stamp: '' }),
})
const printing = () => command(whole())

const ground = { once: () => Promise.reject(new Error('not asked')), messages: {}, languageOf: () => 'en' }
const started = (planted: Partial<Domain>) =>
  schemaOf([{ name: 'post', ...planted }], { clientOf: () => client, kinds: ['ANONYMOUS'], ground })

describe('command', () => {
  it('declares a mutation with one input and one payload', () => {
    const field = started({ commands: [printing()] })
      .getMutationType()
      ?.getFields().printStamp
    expect(`${field?.args[0]?.type} ${field?.type}`).toBe('PrintStampInput! PrintStampPayload')
  })

  it.each<[string, said: string, () => unknown]>([
    [
      'a creating command with an optional key',
      'printStamp creates something, and its idempotencyKey is not required',
      () => command({ ...whole(), key: 'optional' }),
    ],
    [
      'an input with a key of its own',
      'printStamp takes OwnInput, which has an idempotencyKey already',
      () => command({ ...whole(), input: input('OwnInput', 'idempotencyKey') }),
    ],
    [
      'an input of two commands',
      'burnStamp takes PrintStampInput, which has an idempotencyKey already',
      () => {
        const first = whole()
        command(first)
        command({ ...first, name: 'burnStamp' })
      },
    ],
    [
      'an input that inherits that of another command',
      'burnStamp takes BurnStampInput, which has an idempotencyKey already',
      () => {
        const first = whole()
        class BurnStampInput extends first.input {}
        InputType()(BurnStampInput)
        command(first)
        command({ ...first, name: 'burnStamp', input: BurnStampInput })
      },
    ],
    [
      'an input that is no @InputType',
      'printStamp takes Stamp, which is not an @InputType',
      () => command({ ...whole(), input: stamp() }),
    ],
    [
      'a command that makes what is not stored',
      'Ghost is not @Stored',
      () => {
        class Ghost {}
        command(whole(Ghost))
      },
    ],
    [
      'a command that makes what only its parent may show',
      'printStamp makes Stamp, which is only seen through its parent',
      () => command(whole(stamp(whoSeesItsParent))),
    ],
    [
      'a secret named as what the command makes',
      'PrintStampPayload.stamp is declared twice',
      () => command({ ...whole(), once: { stamp: { type: () => String, description: '' } } }),
    ],
    [
      'a made thing named userErrors',
      'PrintStampPayload.userErrors is declared twice',
      () =>
        command({
          ...whole(),
          made: { userErrors: { type: stamp(), description: '' } },
          act: async () => made({ userErrors: '' }),
        }),
    ],
  ])('refuses %s', (_what, said, declare) => expect(declare).toThrow(said))
})

describe('schemaOf', () => {
  it.each<[string, said: string, () => Partial<Domain>]>([
    ['two commands of one name', 'Two commands are named printStamp', () => ({ commands: [printing(), printing()] })],
    [
      'a mutation that is no command',
      'Mutation.tearStamp is not a command',
      () => {
        class Tearing {}
        Resolver()(Tearing)
        Mutation(() => String, { nullable: true })(Tearing.prototype, 'tearStamp', { value() {} })
        AllowedTo(anyone)(Tearing.prototype, 'tearStamp')
        return { resolvers: [Tearing] }
      },
    ],
    [
      'a command without a rule',
      'Mutation.printStamp has no rule',
      () => ({ commands: [command({ ...whole(), allowedTo: undefined as never })] }), // as untyped code might
    ],
  ])('refuses %s', (_what, said, plant) => expect(() => started(plant())).toThrow(said))

  it('refuses commands without a command runner', () => {
    const domain: Domain = { name: 'post', commands: [printing()] }
    expect(() => schemaOf([domain], { clientOf: () => client, kinds: ['ANONYMOUS'] })).toThrow(
      'is a command, but no command runner is configured',
    )
  })
})
