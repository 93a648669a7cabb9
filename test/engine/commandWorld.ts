import type { UserError } from '../../src/engine/userError.js'
import 'reflect-metadata'
import { and, eq } from 'drizzle-orm'
import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql'
import { v7 } from 'uuid'
import { beforeEach } from 'vitest'
import { AllowedTo, anyone, type Rule } from '../../src/engine/allowedTo.js'
import { command, type Made, made, type Refused, refused } from '../../src/engine/command.js'
import { asked, everyone, type Row, Stored } from '../../src/engine/declare.js'
import { type Domain, schemaOf } from '../../src/engine/engine.js'
import { refusal } from '../../src/engine/errors.js'
import { Node } from '../../src/engine/node.js'
import { type Meter, unmetered } from '../../src/engine/rates.js'
import { rule } from '../../src/engine/shield.js'
import { type Acting, once } from '../../src/events/commandKeys.js'
import { record } from '../../src/events/record.js'
import type { Keyring } from '../../src/platform/keyring.js'
import { type Caller, type Context, contextOf, meterOf } from '../../src/shared/context.js'
import { messages } from '../../src/shared/messages.js'
import { DateTime } from '../../src/shared/scalars.js'
import type { Language } from '../../src/shared/words.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { askerOf } from './asking.js'

// A post office: who writes sees their own letters, a clerk sees all.

const letters = pgTable('letters', {
  id: uuid('id').primaryKey(),
  sender: text('sender').notNull(),
  text: text('text').notNull(),
})

@AllowedTo(anyone)
@Stored(letters, {
  CLERK: everyone,
  WRITER: ({ sender }: Row<typeof letters>) =>
    eq(
      sender,
      asked(({ caller }: Context) => caller.id),
    ),
})
@ObjectType({ implements: Node, simpleResolvers: true })
export class Letter extends Node {
  @Field(() => String) text!: string
  @Field(() => String) sender!: string
}

@InputType()
class Extras {
  @Field(() => Int, { nullable: true }) stamps?: number
  @Field(() => Float, { nullable: true }) weight?: number
}
@InputType()
class Sending {
  @Field(() => String) text!: string
  @Field(() => ID, { nullable: true }) partyId?: string
  @Field(() => Extras, { nullable: true }) extras?: Extras
  @Field(() => DateTime, { nullable: true }) postAt?: Date
  @Field(() => [String], { defaultValue: ['BY_HAND'] }) ways!: string[]
}
@InputType()
class SendLetterInput extends Sending {}
@InputType()
class SendParcelInput extends Sending {}
@InputType()
class RewriteLetterInput {
  @Field(() => String) from!: string
  @Field(() => String) to!: string
}
// The text of a posted letter is its key: each writer posts it once.
@InputType()
class PostLetterInput {
  @Field(() => String) text!: string
}
@InputType()
class PostLettersInput {
  @Field(() => [PostLetterInput]) letters!: PostLetterInput[]
}

export const keyring = keyringOfTest()

/** What happens within a command, as a test wants it: it may wait, ask the database, fail. */
export const within: { act: (acting: Acting) => unknown; acts: number } = { act: () => {}, acts: 0 }
const empty: UserError = {
  code: 'MISSING',
  reason: 'letter.empty',
  field: ['text'],
  params: { least: 1 },
}
const textsOf = (empty: string, unknown: string) => ({ 'letter.empty': empty, 'letter.unknown': unknown })
const said = {
  az: { ...messages.az, ...textsOf('Məktub boşdur.', 'Belə məktub yoxdur.') },
  en: { ...messages.en, ...textsOf('The letter is empty.', 'There is no such letter.') },
  ru: { ...messages.ru, ...textsOf('Письмо пустое.', 'Такого письма нет.') },
}
// Shield's own types keep private what the guard must see.
const writers = rule('writers', { cache: 'contextual' })(
  (_parent, _args, { caller }: Context) => (caller.kind as string) !== 'STRANGER' || refusal('FORBIDDEN', 'No.'),
) as unknown as Rule
const sending = <Input extends Sending>(
  name: string,
  input: new () => Input,
  more: { keyScope?(input: Input): string } = {},
) =>
  command({
    name,
    description: '',
    allowedTo: writers,
    input,
    key: 'required',
    creates: true,
    ...more,
    made: { letter: { type: Letter, description: '' } },
    once: { pickupCode: { type: () => String, description: '' } },
    async act({ text }: Input, { tx, context }: Acting) {
      within.acts++
      const [id, { id: sender }] = [v7(), context.caller]
      await tx.insert(letters).values({ id, sender, text })
      await record(tx, [
        { domain: 'post', type: 'letter.sent', subject: id, at: context.now(), actor: context.caller.id },
      ])
      await within.act({ tx, context })
      if (text === 'odd') return made({ letter: id, odd: id })
      return text === '' ? refused([empty]) : made({ letter: id }, { pickupCode: `secret of ${text}` })
    },
  })

const sendLetter = sending('sendLetter', SendLetterInput)
// A parcel belongs to its first way.
const sendParcel = sending('sendParcel', SendParcelInput, { keyScope: ({ ways }) => `way ${ways[0]}` })
const rewriteLetter = command({
  name: 'rewriteLetter',
  description: '',
  allowedTo: anyone,
  input: RewriteLetterInput,
  key: 'optional',
  creates: false,
  made: { letter: { type: Letter, description: '' } },
  async act({ from, to }: RewriteLetterInput, { tx }: Acting) {
    within.acts++
    const [letter] = await tx.update(letters).set({ text: to }).where(eq(letters.text, from)).returning()
    return letter
      ? made({ letter: letter.id })
      : refused([{ ...empty, code: 'NOT_FOUND', reason: 'letter.unknown', field: ['from'] }])
  },
})

async function posted({ text }: PostLetterInput, { tx, context }: Acting): Promise<Made<'letter'> | Refused> {
  within.acts++
  if (text === '') return refused([empty])
  const { id: sender } = context.caller
  const [before] = await tx
    .select()
    .from(letters)
    .where(and(eq(letters.sender, sender), eq(letters.text, text)))
  if (before) return { ...made({ letter: before.id }), replayed: true }
  const id = v7()
  await tx.insert(letters).values({ id, sender, text })
  await within.act({ tx, context })
  // The cast: as untyped code might.
  return (text === 'odd' ? made({ odd: id }) : made({ letter: id })) as unknown as Made<'letter'>
}
const posting = {
  description: '',
  allowedTo: writers,
  key: 'own',
  creates: true,
  made: { letter: { type: Letter, description: '' } },
} as const
const postLetter = command({ ...posting, name: 'postLetter', input: PostLetterInput, act: posted })
const postLetters = command({
  ...posting,
  name: 'postLetters',
  input: PostLettersInput,
  counted: { as: 'postLetter', calls: ({ letters }: PostLettersInput) => letters.length },
  hasResults: true,
  async act({ letters }: PostLettersInput, acting: Acting) {
    if (letters.length === 0) return refused([empty])
    const results: (Made<'letter'> | Refused)[] = []
    for (const letter of letters) results.push(await posted(letter, acting))
    return { results }
  },
})

const post: Domain = {
  name: 'post',
  commands: [sendLetter, sendParcel, rewriteLetter, postLetter, postLetters],
}

interface Request {
  as?: string
  /** The party whose program it is. */
  of?: string
  kind?: 'WRITER' | 'CLERK' | 'STRANGER' | 'ANONYMOUS'
  keyring?: Keyring
  meter?: Meter
  timeout?: number
  language?: Language
}
export const payload =
  'letter { id text sender } pickupCode userErrors { code reason field message params { name value } } replayed'
const kinds = { sendLetter: 'SendLetterInput', sendParcel: 'SendParcelInput', rewriteLetter: 'RewriteLetterInput' }

/** A post office for one test file, which each test finds empty. */
export async function openPostOffice() {
  const database = await cloneDatabase()
  const { client } = database
  await client`create table letters (id uuid primary key, sender text not null, text text not null)`
  const schema = schemaOf([post], {
    clientOf: () => client,
    kinds: ['WRITER', 'CLERK', 'STRANGER', 'ANONYMOUS'],
    ground: { once, messages: said, languageOf: ({ language }: Context) => language },
    meterOf,
  })
  const ask = askerOf<Context>(schema)
  beforeEach(async () => {
    within.act = () => {}
    within.acts = 0
    await client.unsafe('truncate letters, command_keys; alter table events disable trigger user; delete from events')
  })

  const contextFor = ({ as = 'ann', of, kind = 'WRITER', language = 'en', timeout = 20_000, ...more }: Request) => {
    const caller = { kind, id: as, party: of } as unknown as Caller // of kinds made up here
    return contextOf({ caller, language, database, keyring, meter: unmetered, now: () => new Date(), timeout, ...more })
  }
  /** A request of its own. */
  const asks = (query: string, variables: object = {}, request: Request = {}) =>
    ask({ query, variables: { ...variables } }, contextFor(request))

  /** Sends a command and gives its payload, or its error. */
  async function sends(input: object, request: Request & { by?: keyof typeof kinds } = {}) {
    const { by = 'sendLetter', ...of } = request
    const query = `mutation ($input: ${kinds[by]}!) { ${by}(input: $input) { ${payload} } }`
    const { data, errors } = await asks(query, { input }, of)
    return errors[0] ?? data[by]
  }

  async function standing() {
    const [row] = await client`
      select (select count(*)::int from letters) letters, (select count(*)::int from events where domain = 'post') events,
        (select count(*)::int from command_keys) keys`
    return row as { letters: number; events: number; keys: number }
  }
  /** Settles when that many sessions of this database wait for a lock. */
  async function waiting(many: number): Promise<void> {
    for (;;) {
      const [row] = await client`
        select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      if (row?.waiting >= many) return
    }
  }
  return { database, asks, sends, standing, waiting }
}

/** Holds a command within its transaction until it is let go. */
export function gate() {
  let open = () => {}
  let reach = () => {}
  const reached = new Promise<void>((settle) => {
    reach = settle
  })
  const opened = new Promise<void>((settle) => {
    open = settle
  })
  within.act = () => {
    within.act = () => {}
    reach()
    return opened
  }
  return { reached, open: () => open() }
}
