import type { GraphQLSchema } from 'graphql'
import type { Sql } from 'postgres'
import { withReadOnly } from '../../src/catalogue/forms/form.persons.js'
import usualProcess from '../../src/catalogue/services/usualProcess.data.json' with { type: 'json' }
import type { Context } from '../../src/shared/context.js'
import { arrayOf, baselineSchema, inLanguage, nodeId, parsedId, type Resolvers, type Row } from './baseline.js'
import { badInput, type List, numbers, type PageArguments, pageOf, sorted } from './relay.js'

type Args = PageArguments & { filter?: Row | null; orderBy?: string | null }
type Tables = Record<string, Row[]>

const names = [
  'agencies',
  'registries',
  'life_events',
  'services',
  'service_versions',
  'tariffs',
  'fees',
  'processing_terms',
]
names.push(
  'service_steps',
  'required_documents',
  'legal_bases',
  'refusal_grounds',
  'forms',
  'processes',
  'filing_rules',
)

/** Everything that is stored, and in which order PostgreSQL has the texts that lists are ordered by. */
async function readAll(client: Sql) {
  const read = names.map(async (name): Promise<[string, Row[]]> => [name, await client.unsafe(`select * from ${name}`)])
  const tables: Tables = Object.fromEntries(await Promise.all(read))
  const ranks: Record<string, Map<string, number>> = {}
  for (const table of ['agencies', 'services'])
    for (const column of ['name_az', 'name_en', 'name_ru', 'code']) {
      const texts = await client.unsafe(`select ${column} as text from ${table} group by ${column} order by ${column}`)
      ranks[`${table}.${column}`] = new Map(texts.map(({ text }, at) => [text, at]))
    }
  return { tables, ranks }
}

/** An untouched Apollo's schema for the product, over the rows as they are now. */
export async function catalogueBaseline(of: GraphQLSchema, client: Sql): Promise<GraphQLSchema> {
  const { tables, ranks } = await readAll(client)
  const by = (table: string, column: string, key: unknown) => (tables[table] ?? []).filter((row) => row[column] === key)
  const one = (table: string, column: string, key: unknown) => by(table, column, key)[0] ?? null
  const inOrder = (table: string, column: string, key: unknown, order = 'position', descending = false) =>
    sorted(by(table, column, key), { ...numbers, name: '', keyOf: (row) => [String(row[order]), row.id], descending })
  const listBy = (table: string, column: string): List<Row> => {
    const name = `${table}.${column}`
    const rank = (text: string) => ranks[name]?.get(text) ?? Number.NaN
    return {
      name,
      descending: false,
      isValue: (text) => typeof text === 'string',
      keyOf: (row) => [row[column], row.id],
      compare: (text, other) => rank(text) - rank(other),
    }
  }
  const list = (table: string, orderBy: Args['orderBy']) => listBy(table, (orderBy ?? 'NAME_AZ').toLowerCase())
  const published = (row: Row | null) => (row && ['ACTIVE', 'SUSPENDED', 'RETIRED'].includes(row.status) ? row : null)
  const nodes: Record<string, (key: string) => Row | null> = {
    Agency: (key) => one('agencies', 'id', key),
    LifeEvent: (key) => one('life_events', 'id', key),
    Service: (key) => published(one('services', 'id', key)),
  }
  const node = (id: string) => {
    const { type = '', key = '' } = parsedId(id) ?? {}
    const row = nodes[type]?.(key)
    return row ? { ...row, __typename: type } : null
  }
  const servicePage = (rows: Row[], { filter, orderBy, ...args }: Args, { today }: Context) => {
    const fits = fitting(filter, tables, inOrder, today)
    const shown = rows.filter((row) => published(row) && row.status !== 'RETIRED' && fits(row))
    return pageOf(shown, list('services', orderBy), args)
  }

  return baselineSchema(of, {
    Query: {
      node: (_, { id }) => node(id),
      nodes: (_, { ids }) => {
        if (ids.length > 100) throw badInput()
        return ids.map(node)
      },
      agencies: (_, { orderBy, ...args }) => pageOf(tables.agencies ?? [], list('agencies', orderBy), args),
      agency: (_, { code }) => one('agencies', 'code', code),
      services: (_, args, context) => servicePage(tables.services ?? [], args, context),
      service: (_, { code }) => published(one('services', 'code', code)),
      lifeEvents: () => inOrder('life_events', 'retired', undefined).slice(0, 100),
    },
    Agency: {
      ...named('Agency'),
      parent: ({ parent_id }) => one('agencies', 'id', parent_id),
      children: ({ id }) => sorted(by('agencies', 'parent_id', id), listBy('agencies', 'name_az')).slice(0, 50),
      registries: ({ id }) => inOrder('registries', 'agency_id', id).slice(0, 50),
      services: ({ id }, args, context) => servicePage(by('services', 'agency_id', id), args, context),
    },
    LifeEvent: {
      ...named('LifeEvent'),
      services: ({ id }, args, context) => servicePage(by('services', 'life_event_id', id), args, context),
    },
    Service: {
      ...named('Service'),
      ...localized('description', 'descriptions'),
      audiences: ({ audiences }) => arrayOf(audiences),
      agency: ({ agency_id }) => one('agencies', 'id', agency_id),
      lifeEvent: ({ life_event_id }) => one('life_events', 'id', life_event_id),
      currentVersion: ({ id }, _, { today }) => versionOf(inOrder, id, today),
      canApply: (row, _, { today }) => isOpen(row, versionOf(inOrder, row.id, today), tables),
      versions: ({ id }) => inOrder('service_versions', 'service_id', id, 'number', true).slice(0, 50),
    },
    ...resolversBelow(one, inOrder),
  })
}

type InOrder = (table: string, column: string, key: unknown, order?: string, descending?: boolean) => Row[]
const versionOf = (inOrder: InOrder, serviceId: string, today: string): Row | null =>
  inOrder('service_versions', 'service_id', serviceId, 'number', true).find(
    ({ valid_from, valid_to }) => valid_from <= today && (valid_to === null || valid_to >= today),
  ) ?? null

const isOpen = ({ status }: Row, version: Row | null, { forms }: Tables): boolean =>
  status === 'ACTIVE' &&
  version?.handled_as === 'APPLICATION' &&
  (forms ?? []).some(({ version_id: of }) => of === version?.id)

function fitting(filter: Args['filter'], tables: Tables, inOrder: InOrder, today: string) {
  const { agency, lifeEvent, audience, direction, free, automation, canApply } = filter ?? {}
  const codeOf = (table: string, key: string) => tables[table]?.find(({ id }) => id === key)?.code
  const above = (id: string | null): Row[] => {
    const row = tables.agencies?.find((row) => row.id === id)
    return row ? [row, ...above(row.parent_id)] : []
  }
  const isFree = (version: Row) => {
    const amounts = inOrder('tariffs', 'version_id', version.id)
      .filter(({ condition }) => condition.applicants?.length !== 0)
      .flatMap(({ id }) => inOrder('fees', 'tariff_id', id))
      .map(({ amount }) => amount)
    const known = amounts.filter((amount) => amount !== null)
    return free
      ? amounts.length > 0 && amounts.every((amount) => amount === '0')
      : known.some((amount) => amount !== '0')
  }
  return (row: Row): boolean => {
    const version = versionOf(inOrder, row.id, today)
    return (
      (agency == null || above(row.agency_id).some(({ code }) => code === agency)) &&
      (lifeEvent == null || codeOf('life_events', row.life_event_id) === lifeEvent) &&
      (audience == null || (arrayOf(row.audiences) ?? []).includes(audience)) &&
      (direction == null || row.direction === direction) &&
      (free == null || (version !== null && isFree(version))) &&
      (automation == null || version?.automation === automation) &&
      (canApply == null || isOpen(row, version, tables) === canApply)
    )
  }
}

const localized = (column: string, plural: string): Resolvers[string] => ({
  [column]: (row, _, { language }) => inLanguage(row[column], language),
  [plural]: (row) => row[column],
})
const named = (type: string): Resolvers[string] => ({ id: (row) => nodeId(type, row), ...localized('name', 'names') })
/** A form as text, where the names of its words are changed; then the words, innermost first. */
const inWords =
  (column: string): Resolvers[string][string] =>
  (row, _, { language }) =>
    JSON.parse(
      JSON.stringify(row[column]).replaceAll('"x-title":', '"title":').replaceAll('"x-help":', '"description":'),
      (_key, value) => (value?.az && value.ru ? value[language] : value),
    )
/** As its row says; of a version that has none, as the file of the usual way does. */
function wayOf(row: Row | null, language: string): Row {
  if (!row) return usualProcess.process
  const time = (value: unknown, unit: unknown) => (value === null ? null : { value, unit })
  return {
    ...row,
    coApplicants: row.co_applicants,
    appealDays: row.appeal_days,
    objectionDays: row.objection_days,
    oneOpen: row.one_open,
    termEnd: row.term_end,
    termEndNorm: inLanguage(row.term_end_norm, language),
    registryDown: row.registry_down,
    waiting: time(row.waiting_value, row.waiting_unit),
    appealTerm: time(row.appeal_value, row.appeal_unit),
    transferTerm: time(row.transfer_value, row.transfer_unit),
  }
}

function resolversBelow(one: (table: string, column: string, key: unknown) => Row | null, inOrder: InOrder): Resolvers {
  const of =
    (table: string) =>
    ({ id }: Row) =>
      inOrder(table, 'version_id', id).slice(0, 50)
  return {
    Registry: { ...localized('name', 'names'), ...localized('purpose', 'purposes') },
    ServiceVersion: {
      ...localized('note', 'notes'),
      signers: ({ signers }) => arrayOf(signers),
      form: ({ id }) => one('forms', 'version_id', id),
      filing: ({ id }) => one('filing_rules', 'version_id', id),
      process: ({ id }, _, { language }) => wayOf(one('processes', 'version_id', id), language),
      tariffs: of('tariffs'),
      tariffQuestions: inWords('tariff_questions'),
      birthDates: ({ birth_dates }) => arrayOf(birth_dates),
      steps: of('service_steps'),
      requiredDocuments: of('required_documents'),
      legalBases: of('legal_bases'),
      refusalGrounds: of('refusal_grounds'),
    },
    Tariff: {
      ...localized('name', 'names'),
      requires: ({ condition: { answers, applicants, age } }) => ({
        answers,
        applicants,
        minimumAge: age?.from ?? null,
        belowAge: age?.below ?? null,
      }),
      fees: ({ id }) => inOrder('fees', 'tariff_id', id),
      terms: ({ id }) => inOrder('processing_terms', 'tariff_id', id),
    },
    Fee: {
      ...localized('name', 'names'),
      ...localized('per', 'pers'),
      ...localized('note', 'notes'),
      budget: ({
        budget_classification: classification,
        budget_level: level,
        budget_organisation: organisationCode,
      }) =>
        classification === null && level === null && organisationCode === null
          ? null
          : { classification, level, organisationCode },
      money: ({ amount, currency }) =>
        amount === null ? null : { amount: amount.padStart(3, '0').replace(/(..)$/, '.$1'), currency },
    },
    RefusalGround: { ...localized('text', 'texts'), ...localized('norm', 'norms') },
    Form: {
      schema: (row, ...rest) => inWords('schema')({ schema: withReadOnly(row.schema) }, ...rest),
      ui: inWords('ui'),
    },
    ServiceStep: {
      ...localized('name', 'names'),
      ...localized('content', 'contents'),
      agency: ({ agency_id }) => one('agencies', 'id', agency_id),
    },
    RequiredDocument: {
      ...localized('name', 'names'),
      obtainableFromRegistry: ({ obtainable_from_registry_id }) => one('registries', 'id', obtainable_from_registry_id),
    },
    LegalBasis: localized('title', 'titles'),
  }
}
