import 'reflect-metadata'
import { eq, gte, isNull } from 'drizzle-orm'
import { date, integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { type GraphQLSchema, Kind, type OperationDefinitionNode, parse, validate } from 'graphql'
import { Field, FieldResolver, InputType, Int, ObjectType, Query, Resolver } from 'type-graphql'
import { describe, expect, it } from 'vitest'
import { AllowedTo, anyone } from '../../src/engine/allowedTo.js'
import {
  type Asked,
  ascending,
  asked,
  askedForAll,
  connection,
  everyone,
  fields,
  find,
  has,
  leaf,
  many,
  one,
  queries,
  type Row,
  Stored,
  whoSeesItsParent,
} from '../../src/engine/declare.js'
import { schemaOf } from '../../src/engine/engine.js'
import { Node } from '../../src/engine/node.js'
import { isForEveryone } from '../../src/engine/publicity.js'
import { publicSchema } from '../../src/schema.js'
import { type Context, callerKinds, signedIn } from '../../src/shared/context.js'
import { inAllLanguages, inTheirLanguage } from '../../src/shared/language.js'
import { words } from '../../src/shared/words.js'

const id = uuid('id').primaryKey()
const papers = pgTable('papers', {
  id,
  title: words('title').notNull(),
  sheets: integer('sheets').notNull(),
  authorId: uuid('author_id').notNull(),
  until: date('until'),
})
type PaperRow = Row<typeof papers>
const own = asked(({ caller }: Context) => caller.party)
const today = askedForAll(({ today }: Pick<Context, 'today'>) => today)
const told = { description: '' }
const plain = { simpleResolvers: true }

@AllowedTo(anyone)
@Stored(papers, whoSeesItsParent)
@ObjectType(plain)
class Sheet {
  @Field(() => Int) sheets!: number
}
@AllowedTo(anyone)
@Stored(papers, ({ until }: PaperRow) => isNull(until))
@ObjectType(plain)
class Law {
  @Field(() => Int) sheets!: number
}
@AllowedTo(anyone)
@Stored(papers, ({ authorId }: PaperRow) => eq(authorId, own))
@ObjectType(plain)
class Letter {
  @Field(() => Int) sheets!: number
}
@AllowedTo(anyone)
@Stored(papers, { AUDITOR: everyone, others: ({ until }: PaperRow) => isNull(until) })
@ObjectType(plain)
class Memo {
  @Field(() => Int) sheets!: number
}
@AllowedTo(anyone)
@Stored(papers, ({ until }: PaperRow, variant) => (variant ? undefined : isNull(until)))
@ObjectType(plain)
class Bill {
  @Field(() => Int) sheets!: number
}
@AllowedTo(signedIn)
@Stored(papers, everyone)
@ObjectType(plain)
class Form {
  @Field(() => Int) sheets!: number
}
@AllowedTo(anyone)
@Stored(papers, everyone)
@ObjectType({ implements: Node, simpleResolvers: true })
class Paper extends Node {
  @Field(() => Int) sheets!: number
  @AllowedTo(signedIn)
  @Field(() => Int, { nullable: true })
  until!: string | null
}
@InputType()
class PaperFilter {
  @Field(() => Int, { nullable: true }) from?: number
}

const listed = { ...told, order: ascending(papers.sheets) }
fields(Paper, {
  title: inTheirLanguage(papers.title, ''),
  titles: inAllLanguages(papers.title, ''),
  double: leaf(
    () => Int,
    [papers.sheets],
    ({ sheets }) => 2 * sheets,
    told,
  ),
  isOwn: leaf(
    () => Boolean,
    [papers.authorId],
    ({ authorId }, { caller }: Context) => authorId === caller.party,
    told,
  ),
  sheet: one(Sheet, papers.id, told),
  laws: many(Law, papers.authorId, listed),
  letters: many(Letter, papers.authorId, listed),
  memos: many(Memo, papers.authorId, listed),
  bills: many(Bill, papers.authorId, listed),
  forms: connection(Form, papers.authorId, listed),
  valid: has(Paper, papers.authorId, { ...listed, where: ({ until }) => gte(until, today) }),
  last: has(Paper, papers.authorId, { ...listed, where: ({ authorId }) => eq(authorId, own) }),
})
const root = { ...listed, allowedTo: anyone }
const declared = queries({
  papers: connection(Paper, undefined, {
    ...root,
    filter: PaperFilter,
    conditions: { from: ({ sheets }: PaperRow, least: Asked) => gte(sheets, least) },
  }),
  paper: find(Paper, papers.id, { ...root, argument: '' }),
  papersToRead: connection(Paper, undefined, {
    ...root,
    filter: PaperFilter,
    conditions: { from: ({ authorId }: PaperRow) => eq(authorId, own) },
  }),
  papersOf: connection(Paper, undefined, {
    ...root,
    owner: { argument: 'author', ...told, column: papers.authorId, keyOf: (given) => given ?? null },
  }),
  knownPapers: connection(Paper, undefined, { ...root, allowedTo: signedIn }),
})
@Resolver(() => Paper)
class ByHand {
  @FieldResolver(() => Int, { nullable: true })
  readers() {
    return 1
  }
  @AllowedTo(anyone)
  @Query(() => Int, { nullable: true })
  count() {
    return 1
  }
}
const schema = schemaOf([{ name: 'papers', queries: [declared], resolvers: [ByHand] }], {
  clientOf: () => {
    throw new Error('Nothing is read.')
  },
  kinds: callerKinds,
})

function verdictOn(text: string, of: GraphQLSchema = schema): boolean {
  const document = parse(text)
  expect(validate(of, document)).toEqual([])
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  return isForEveryone({ schema: of, document, operation: operation as OperationDefinitionNode })
}

describe('isForEveryone', () => {
  it.each([
    ['columns, ids and __typename', '{ paper(id: "x") { id sheets __typename } }'],
    ['functions of a row', '{ paper(id: "x") { double } }'],
    ['texts by language', '{ paper(id: "x") { title titles { az } } }'],
    [
      'a page with a filter',
      '{ papers(first: 1, filter: { from: 2 }) { nodes { id } pageInfo { endCursor } totalCount } }',
    ],
    ['what is seen with its parent', '{ papers(first: 1) { edges { cursor node { sheet { sheets } } } } }'],
    ['a scope that is the same for all', '{ paper(id: "x") { laws { sheets } } }'],
    ['what depends on the date', '{ paper(id: "x") { valid { sheets } } }'],
    ['fragments', 'query ($id: ID!) { paper(id: $id) { ...P ... on Paper { sheets } } } fragment P on Paper { id }'],
    ['the schema', '{ __schema { queryType { fields { name } } } }'],
  ])('is true for %s', (_what, query) => expect(verdictOn(query)).toBe(true))

  it.each([
    ['a root field with a rule', '{ knownPapers(first: 1) { totalCount } }'],
    ['a field with a rule', '{ paper(id: "x") { until } }'],
    ['a page of a type with a rule', '{ paper(id: "x") { forms(first: 1) { totalCount } } }'],
    ['a scope that asks for the caller', '{ paper(id: "x") { letters { sheets } } }'],
    ['a scope by kind of caller', '{ paper(id: "x") { memos { sheets } } }'],
    ['a scope by variant of a kind', '{ paper(id: "x") { bills { sheets } } }'],
    ['a relation whose condition asks for the caller', '{ paper(id: "x") { last { sheets } } }'],
    ['a filter that asks for the caller', '{ papersToRead(first: 1) { totalCount } }'],
    ['a list with an owner', '{ papersOf(author: "x", first: 1) { totalCount } }'],
    ['a function of the context', '{ paper(id: "x") { isOwn } }'],
    ['a field by hand', '{ paper(id: "x") { readers } }'],
    ['a root field by hand', '{ count }'],
    ['an interface', '{ node(id: "x") { id } }'],
    ['one such field among others', '{ paper(id: "x") { id laws { sheets } last { sheets } } }'],
    ['one such field in a fragment', '{ paper(id: "x") { ...P } } fragment P on Paper { isOwn }'],
    ['one such field that is skipped', '{ paper(id: "x") { id isOwn @skip(if: true) } }'],
  ])('is false for %s', (_what, query) => expect(verdictOn(query)).toBe(false))
})

describe('The catalogue', () => {
  it.each([
    '{ services(first: 9, filter: { free: true }) { nodes { id code name agency { name } currentVersion { tariffs { fees { money { amount currency } } } } } } }',
    '{ service(code: "x") { currentVersion { form { schema ui } requiredDocuments { name } steps { name } } } }',
    '{ agencies(first: 9) { nodes { name parent { name } registries { name } services(first: 9) { totalCount } } } }',
    '{ catalogueChanges(first: 9) { nodes { kind at service { name } } } }',
  ])('is the same for everyone: %s', (query) => expect(verdictOn(query, publicSchema())).toBe(true))

  it.each([
    '{ viewer { kind } service(code: "x") { code } }',
    '{ applications(first: 1) { totalCount } }',
    'mutation { acceptAppointment(input: { appointmentId: "x", code: "x" }) { replayed } }',
  ])('is not all that is asked for: %s', (query) => expect(verdictOn(query, publicSchema())).toBe(false))
})
