import 'reflect-metadata'
import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import { type ClassType, Field, getMetadataStorage, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { describe, expect, it, vi } from 'vitest'

const client = postgres('postgres://nowhere') // never asked
const stamps = pgTable('stamps', { id: uuid('id').primaryKey(), motif: text('motif').notNull() })

/** The engine anew, as in a process of its own, for type-graphql and the engine remember whatever was declared. */
async function engine() {
  getMetadataStorage().clear()
  vi.resetModules()
  const [declare, { command, made }, { schemaOf }, { allow }] = await Promise.all([
    import('../../src/engine/declare.js'),
    import('../../src/engine/command.js'),
    import('../../src/engine/engine.js'),
    import('../../src/engine/shield.js'),
  ])
  const anyone = allow as never // shield's own type keeps private what the guard must see
  class Stamp {}
  declare.Stored(stamps, declare.everyone)(Stamp)
  ObjectType({ simpleResolvers: true })(Stamp)
  string(Stamp, 'motif')
  const input = (name: string, ...fields: string[]) => {
    const type = { [name]: class {} }[name] as ClassType
    InputType()(type)
    for (const field of ['motif', ...fields]) string(type, field)
    return type
  }
  const whole = {
    ...{ name: 'printStamp', description: '', input: input('PrintStampInput'), creates: true },
    key: 'required' as const,
    made: { stamp: { type: Stamp, description: '' } },
    act: async () => made({ stamp: '' }),
  }
  const domain = { name: 'post', access: { Query: { node: anyone, nodes: anyone }, Stamp: anyone } }
  const access = { ...domain.access, Mutation: { printStamp: anyone } }
  return { declare, command, schemaOf, anyone, Stamp, input, whole, domain, access }
}
type Engine = Awaited<ReturnType<typeof engine>>
const string = (type: ClassType, name: string) => Field(() => String, { nullable: true })(type.prototype, name)

const ground = { once: () => Promise.reject(new Error('not asked')), say: () => '' }
/** The domain as it would start, with what the plant makes of it. */
async function start(plant: (engine: Engine) => object) {
  const fresh = await engine()
  const domain = { ...fresh.domain, access: fresh.access, ...plant(fresh) }
  return fresh.schemaOf([domain], { client, kinds: ['NOBODY'], ground })
}

describe('The server does not start on', () => {
  it('nothing, where all is declared', async () => {
    const schema = await start(({ command, whole }) => ({ commands: [command(whole)] }))
    const field = schema.getMutationType()?.getFields().printStamp
    expect(`${field?.args[0]?.type} ${field?.type}`).toBe('PrintStampInput! PrintStampPayload')
  })

  it.each<[string, said: string, (engine: Engine) => object]>([
    [
      'a command that creates and may have no key',
      'printStamp creates something, and its idempotencyKey is not required',
      ({ command, whole }) => ({ commands: [command({ ...whole, key: 'optional' })] }),
    ],
    [
      'an input with a key of its own',
      'printStamp takes OwnInput, which has an idempotencyKey already',
      ({ command, whole, input }) => ({
        commands: [command({ ...whole, input: input('OwnInput', 'idempotencyKey') })],
      }),
    ],
    [
      'an input of two commands',
      'burnStamp takes PrintStampInput, which has an idempotencyKey already',
      ({ command, whole }) => ({ commands: [command(whole), command({ ...whole, name: 'burnStamp' })] }),
    ],
    [
      'an input that inherits that of another command',
      'burnStamp takes BurnStampInput, which has an idempotencyKey already',
      ({ command, whole }) => {
        class BurnStampInput extends (whole.input as new () => object) {}
        InputType()(BurnStampInput)
        return { commands: [command(whole), command({ ...whole, name: 'burnStamp', input: BurnStampInput })] }
      },
    ],
    [
      'an input that is none',
      'printStamp takes Stamp, which is no @InputType',
      ({ command, whole, Stamp }) => ({ commands: [command({ ...whole, input: Stamp })] }),
    ],
    [
      'two commands of one name',
      'Two commands are named printStamp',
      ({ command, whole, input }) => ({
        commands: [command(whole), command({ ...whole, input: input('OtherInput') })],
      }),
    ],
    [
      'a command that makes what is not stored',
      'Ghost is not @Stored',
      ({ command, whole }) => {
        class Ghost {}
        return { commands: [command({ ...whole, made: { stamp: { type: Ghost, description: '' } } })] }
      },
    ],
    [
      'a command that makes what only its parent may show',
      'printStamp makes Stamp, which is only seen through its parent',
      ({ command, whole, declare: { Stored, whoSeesItsParent }, Stamp }) => {
        Stored(stamps, whoSeesItsParent)(Stamp)
        return { commands: [command(whole)] }
      },
    ],
    [
      'a secret where something made stands',
      'PrintStampPayload.stamp is declared twice',
      ({ command, whole }) => ({
        commands: [command({ ...whole, once: { stamp: { type: () => String, description: '' } } })],
      }),
    ],
    [
      'something made where the mistakes stand',
      'PrintStampPayload.userErrors is declared twice',
      ({ command, whole, Stamp }) => ({
        commands: [
          command({ ...whole, made: { userErrors: { type: Stamp, description: '' } }, act: whole.act as never }),
        ],
      }),
    ],
    [
      'a mutation that is no command',
      'Mutation.tearStamp is no command',
      ({ access, anyone }) => {
        class Tearing {}
        Resolver()(Tearing)
        Mutation(() => String, { nullable: true })(Tearing.prototype, 'tearStamp', { value() {} })
        return { resolvers: [Tearing], access: { ...access, Mutation: { tearStamp: anyone } } }
      },
    ],
    [
      'a command without a rule',
      'Mutation.printStamp has no rule',
      ({ command, whole, domain }) => ({ commands: [command(whole)], access: domain.access }),
    ],
    [
      'a rule for a payload, which is shown to whoever may send the command',
      'post gives PrintStampPayload a rule, and another domain has given it one',
      ({ command, whole, access, anyone }) => ({
        ...{ commands: [command(whole)], access: { ...access, PrintStampPayload: anyone } },
      }),
    ],
  ])('%s', async (_what, said, plant) => await expect(start(plant)).rejects.toThrow(said))

  it('commands without a ground to stand on', async () => {
    const { command, whole, domain, access, schemaOf } = await engine()
    expect(() => schemaOf([{ ...domain, access, commands: [command(whole)] }], { client, kinds: ['NOBODY'] })).toThrow(
      'Mutation.printStamp has no ground to stand on',
    )
  })
})
