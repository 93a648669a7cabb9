// Writes the types of the operations into src/generated. Most projects leave this to the command line of @graphql-codegen.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import { buildSchema, parse } from 'graphql'

const schema = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')
const location = 'src/operations.graphql'
const rawSDL = readFileSync(location, 'utf8')
const generated = 'src/generated/'

const files = await preset.buildGeneratesSection({
  baseOutputDir: generated,
  schema: parse(schema),
  schemaAst: buildSchema(schema),
  documents: [{ location, rawSDL, document: parse(rawSDL) }],
  config: {
    documentMode: 'string',
    enumsAsTypes: true,
    useTypeImports: true,
    emitLegacyCommonJSImports: false,
    defaultScalarType: 'string', // dates, amounts and keys
    scalars: { JSONObject: 'Record<string, unknown>' },
  },
  presetConfig: { fragmentMasking: false },
  plugins: [],
  pluginMap: {},
})
mkdirSync(generated, { recursive: true })
for (const file of files) writeFileSync(file.filename, await codegen(file))
