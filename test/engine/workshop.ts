import 'reflect-metadata'
import { eq, lt, sql } from 'drizzle-orm'
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { AllowedTo, anyone, type Rule } from '../../src/engine/allowedTo.js'
import {
  ascending,
  connection,
  everyone,
  fields,
  find,
  leaf,
  many,
  one,
  queries,
  type Request,
  type Row,
  Stored,
  whoSeesItsParent,
} from '../../src/engine/declare.js'
import { schemaOf } from '../../src/engine/engine.js'
import { refusal } from '../../src/engine/errors.js'
import { loadFor } from '../../src/engine/fetch.js'
import { Node } from '../../src/engine/node.js'
import { LimitedTo, type Meter, type MeterOf } from '../../src/engine/rates.js'
import { rule } from '../../src/engine/shield.js'

/** A request to the workshop: what is stored there, beside fields that are computed. */
export interface WorkshopContext extends Request {
  caller: { kind: 'GUEST' | 'WORKER'; variant?: 'CHIEF' }
  meter: Meter
}

const kinds = ['GUEST', 'WORKER']

/** How often resolvers, rules and plans of `Tool` ran, and the sizes of the batches of `Tool.weight`. */
export const ran = { clock: 0, serial: 0, worker: 0, plans: 0, batches: [] as number[] }
export const forgetRuns = () => Object.assign(ran, { clock: 0, serial: 0, worker: 0, plans: 0, batches: [] })

const benches = pgTable('benches', {
  id: uuid('id').primaryKey(),
  code: text('code').notNull(),
  note: text('note'),
})
const tools = pgTable('tools', {
  id: uuid('id').primaryKey(),
  benchId: uuid('bench_id').notNull(),
  name: text('name').notNull(),
  size: integer('size').notNull(),
})
const parts = pgTable('parts', {
  id: uuid('id').primaryKey(),
  toolId: uuid('tool_id').notNull(),
  name: text('name').notNull(),
})

/** Benches 1 to 3 with 4 tools each, and 2 parts for each tool. */
export const makeWorkshop = (client: Sql) =>
  client.unsafe(`
    create table benches (id uuid primary key, code text not null, note text);
    create table tools (id uuid primary key, bench_id uuid not null, name text not null, size integer not null);
    create table parts (id uuid primary key, tool_id uuid not null, name text not null);
    insert into benches select md5('bench' || i)::uuid, 'B' || i, case when i > 1 then 'note ' || i end
    from generate_series(1, 3) i;
    insert into tools select md5('tool' || i || k)::uuid, md5('bench' || i)::uuid, 'T' || i || k, k
    from generate_series(1, 3) i, generate_series(1, 4) k;
    insert into parts select md5('part' || i || k || n)::uuid, md5('tool' || i || k)::uuid, 'P' || n
    from generate_series(1, 3) i, generate_series(1, 4) k, generate_series(1, 2) n`)

// Shield's own types keep private what the guard must see.
const worker = rule('worker', { cache: 'contextual' })((_parent, _args, { caller }: WorkshopContext) => {
  ran.worker++
  if (!kinds.includes(caller.kind)) throw new Error('The list of workers is lost.')
  return caller.kind === 'WORKER' || refusal('UNAUTHENTICATED', 'Sign in as a worker.')
}) as unknown as Rule

const described = { description: '' }

@AllowedTo(anyone)
@Stored(benches, everyone)
@ObjectType({ implements: Node, simpleResolvers: true })
export class Bench extends Node {
  @Field(() => String) code!: string
  @Field(() => String, { nullable: true }) note!: string | null
}

@AllowedTo(anyone)
@Stored(tools, {
  WORKER: ({ size }: Row<typeof tools>, variant) => {
    ran.plans++
    return variant === 'CHIEF' ? undefined : lt(size, 4)
  },
  others: ({ size }: Row<typeof tools>) => eq(size, 1),
})
@ObjectType({ implements: Node, simpleResolvers: true })
export class Tool extends Node {
  @Field(() => String) name!: string
  @Field(() => Int) size!: number
}

@AllowedTo(anyone)
@Stored(parts, whoSeesItsParent)
@ObjectType({ simpleResolvers: true })
export class Part {
  @Field(() => String) name!: string
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true })
class Origin {
  @Field(() => String, { nullable: true }) town!: string
  @AllowedTo(worker)
  @Field(() => String, { nullable: true })
  price!: string
}

const byName = { ...described, order: ascending(tools.name) }
fields(Bench, {
  tools: connection(Tool, tools.benchId, byName),
  origin: leaf(
    () => Origin,
    [benches.code],
    ({ code }: typeof benches.$inferSelect) => ({ town: code, price: code }),
    {
      ...described,
      nullable: true,
      sql: ({ code }: Row<typeof benches>) => ({
        isPresent: sql`true`,
        parts: { town: sql`${code}`, price: sql`${code}` },
      }),
    },
  ),
})
fields(Tool, {
  bench: one(Bench, tools.benchId, described),
  parts: many(Part, parts.toolId, { ...described, order: ascending(parts.name), atMost: 2 }),
})
const workshopQueries = queries({
  benches: connection(Bench, undefined, { ...described, order: ascending(benches.code), allowedTo: anyone }),
  bench: find(Bench, benches.code, { ...described, argument: '', allowedTo: anyone }),
  tools: connection(Tool, undefined, { ...byName, allowedTo: worker }),
})

type BenchRow = typeof benches.$inferSelect
type ToolRow = typeof tools.$inferSelect
const weightsOf = async (names: readonly string[]) => {
  ran.batches.push(names.length)
  return names.map((name) => (name.endsWith('lead') ? refusal('SERVICE_UNAVAILABLE', 'The scales fail.') : name.length))
}

@Resolver(() => Tool)
class Tools {
  @FieldResolver(() => Int, { nullable: true })
  weight(@Root() { name }: ToolRow, @Ctx() context: WorkshopContext) {
    return loadFor(context, weightsOf, name)
  }
  /** A tool without one takes its row with it. */
  @FieldResolver(() => String)
  serial(@Root() { name, size }: ToolRow) {
    ran.serial++
    if (name.endsWith('lost')) throw refusal('SERVICE_UNAVAILABLE', 'The serial number is lost.')
    return `${name}-${size}`
  }
}

@Resolver(() => Bench)
class Benches {
  @FieldResolver(() => String, { nullable: true })
  sign(@Root() { code }: BenchRow, @Arg('text', () => String) text: string) {
    return `${code}: ${text}`
  }
}

@Resolver()
class Roots {
  /** Null without a zone. */
  @AllowedTo(anyone)
  @Query(() => String, { nullable: true })
  clock(@Arg('zone', () => String, { nullable: true }) zone?: string) {
    ran.clock++
    if (zone === 'nowhere') throw refusal('SERVICE_UNAVAILABLE', 'The clock is broken.')
    return zone ?? null
  }
  @AllowedTo(anyone)
  @LimitedTo({ points: 1, seconds: 60, by: ({ door }) => door })
  @Query(() => String, { nullable: true })
  knock(@Arg('door', () => String) door: string) {
    return `nobody at ${door}`
  }
  /** Takes the whole answer with it when it fails. */
  @AllowedTo(anyone)
  @LimitedTo({ points: 1, seconds: 60, by: ({ door }) => door })
  @Query(() => String)
  ring(@Arg('door', () => String) door: string) {
    return `ringing at ${door}`
  }
}

export const workshopOn = (client: Sql, meterOf: MeterOf) =>
  schemaOf([{ name: 'workshop', queries: [workshopQueries], resolvers: [Tools, Benches, Roots] }], {
    clientOf: () => client,
    kinds,
    meterOf,
  })
