import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import { buildSchema, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readExamples } from '../../src/explorer/examples.js'
import { complaintsOf } from './complaints.js'

// Below node_modules, so that what is generated finds the packages that it imports.
mkdirSync('node_modules/.cache', { recursive: true })
const folder = mkdtempSync('node_modules/.cache/codegen-')
afterAll(() => rmSync(folder, { recursive: true }))

const strict = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'es2022',
    types: [],
  },
  include: ['*.ts'],
}
const scalars = {
  Date: 'string',
  DateTime: 'string',
  Decimal: 'string',
  Currency: 'string',
  IdempotencyKey: 'string',
  JSON: 'unknown',
  JSONObject: 'Record<string, unknown>',
  Fin: 'string',
  Voen: 'string',
  ProtocolSeries: 'string',
  ProtocolNumber: 'string',
  DocumentNumber: 'string',
}

beforeAll(async () => {
  const sdl = readFileSync('schema.graphql', 'utf8')
  const documents = (await readExamples()).map(({ name, query }) => ({
    location: `${name}.graphql`,
    rawSDL: query,
    document: parse(query),
  }))
  const options = {
    baseOutputDir: `${folder}/`,
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    documents,
    config: {
      scalars,
      strictScalars: true,
      enumsAsTypes: true,
      useTypeImports: true,
      emitLegacyCommonJSImports: false,
    },
    presetConfig: { fragmentMasking: false },
    plugins: [],
    pluginMap: {},
  }
  // Its command line would load configuration, watch and cache; the preset itself wants none of the rest of its options.
  for (const file of await preset.buildGeneratesSection(options as never))
    writeFileSync(file.filename, await codegen(file as never))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(strict))
})

const uses = `import type { ServiceQuery } from './graphql.js'
declare const answer: ServiceQuery
export const amount: string | undefined = answer.service?.currentVersion?.tariffs[0]?.fees[0]?.money?.amount
// @ts-expect-error: a service may be null
export const version = answer.service.currentVersion
`

describe('graphql-codegen', () => {
  it('makes types of every example that compile under strict and show what may be null', () => {
    writeFileSync(join(folder, 'use.ts'), uses)
    expect(complaintsOf('tsc', ['-p', '.'], folder)).toBe('')
  }, 60_000)
})
