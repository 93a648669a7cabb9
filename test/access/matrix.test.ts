import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { schemaFromCode } from '../../src/contract.js'
import { askingFor } from './asking.js'
import { openWorld, type World } from './world.js'

const [header = '', ...lines] = readFileSync(new URL('matrix.csv', import.meta.url), 'utf8').trimEnd().split('\n')
const [, ...personas] = header.split(',')
const rows = lines.map((line) => {
  const [field = '', ...cells] = line.split(',')
  return { field, cells }
})

const schema = schemaFromCode()
const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((root) =>
  Object.keys(root?.getFields() ?? {}).map((name) => `${root?.name}.${name}`),
)

let world: World
beforeAll(async () => {
  world = await openWorld()
})

it('Each root field has a row, and each row a cell for each persona', () => {
  expect(rows.map(({ field }) => field).sort()).toEqual([...roots].sort())
  expect(rows.filter(({ cells }) => cells.length !== personas.length)).toEqual([])
  expect(personas).toEqual(world.personas)
})

describe('Who may ask', () => {
  it.each(rows)('$field', async ({ field, cells }) => {
    const found = []
    for (const persona of personas) {
      const { errors } = await world.askAs(persona, askingFor(schema, field, world.told(field)))
      found.push(errors ? (errors[0]?.extensions.code ?? 'no code') : 'yes')
    }
    expect(Object.fromEntries(personas.map((persona, at) => [persona, found[at]]))).toEqual(
      Object.fromEntries(personas.map((persona, at) => [persona, cells[at]])),
    )
  })
})
