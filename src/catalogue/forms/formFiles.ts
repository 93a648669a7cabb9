import { z } from 'zod'
import { parseDataFile, provenanceInFile, wordsInFile } from '../../platform/dataFile.js'
import { isWhole } from '../../shared/texts.rules.js'
import type { FormNode } from './form.fields.js'
import { compileForm, sectionsOf } from './form.rules.js'

/** The form as stored with a service version. */
export interface FormContent {
  schema: FormNode
  ui: object
  confidence: z.output<typeof provenanceInFile.confidence>
  source: string | null
}

// The dialect checks the schema.
const schemaInFile = z.record(z.string(), z.unknown()) as z.ZodType<FormNode, FormNode>
const answers = z.record(z.string(), z.unknown())
const fieldInFile = z.union([
  z.string().transform((at) => ({ at })),
  z.strictObject({ at: z.string(), widget: z.enum(['textarea', 'radio', 'table']) }),
])
const sectionInFile = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z]*$/),
  title: wordsInFile,
  help: wordsInFile.optional(),
  fields: z.array(fieldInFile).min(1),
})

export const formFile = z.strictObject({
  ...provenanceInFile,
  schema: schemaInFile,
  ui: z.strictObject({ sections: z.array(sectionInFile).min(1) }),
  examples: z.strictObject({
    valid: z.array(answers).min(1),
    // A merge patch (RFC 7396) of the first valid one.
    invalid: z.array(z.strictObject({ patch: answers, at: z.string(), keyword: z.string() })).min(1),
  }),
})
const partsFile = z.record(z.string(), schemaInFile)

export const partsPath = 'catalogue/forms/parts.json'
const formPath = /^catalogue\/forms\/([A-Z0-9-]+)\.form\.json$/

/** The forms by the code of their service, with shared parts copied in. Throws if one does not compile. */
export function formsOf(texts: Record<string, string>): Map<string, FormContent> {
  const parts = parseDataFile(partsPath, texts[partsPath] ?? '', partsFile)
  return new Map(
    Object.entries(texts).flatMap(([path, text]) => {
      const [, code] = formPath.exec(path) ?? []
      return code ? [[code, formOf(path, parseDataFile(path, text, formFile), parts)] as const] : []
    }),
  )
}

function formOf(
  path: string,
  { schema, ui, confidence, source }: z.output<typeof formFile>,
  parts: Record<string, FormNode>,
): FormContent {
  try {
    return { ...compiled(withParts(schema, parts), ui.sections), confidence, source }
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`)
  }
}

/** Throws an error of one line that names the wrong place. */
function compiled(schema: FormNode, sections: z.output<typeof sectionInFile>[]): Pick<FormContent, 'schema' | 'ui'> {
  compileForm(schema)
  return { schema, ui: { sections: sectionsOf(schema, sections) } }
}

/** Compiles a form from JSON texts that refer to no shared parts. */
export const formOfTexts = (schema: string, sections: string) =>
  compiled(
    parseDataFile('schema', whole('schema', schema), schemaInFile),
    parseDataFile('sections', whole('sections', sections), z.array(sectionInFile).min(1)),
  )

/** JSON can escape characters that PostgreSQL cannot store. */
function whole(name: string, text: string): string {
  const unescaped = text.replace(/\\(?:u([0-9a-f]{4})|.)/gi, (_, code) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : '',
  )
  if (!isWhole(unescaped)) throw new Error(`${name}: whole characters are required; it holds half of one, or U+0000`)
  return text
}

/** Adds the parts that a schema refers to, directly or indirectly. */
export function withParts(schema: FormNode, parts: Record<string, FormNode>): FormNode {
  const $defs: Record<string, FormNode> = { ...schema.$defs }
  const take = (value: unknown): void => {
    for (const [, name] of JSON.stringify(value).matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g)) {
      if (name === undefined || Object.hasOwn($defs, name) || !Object.hasOwn(parts, name)) continue
      // The cast: hasOwn has just confirmed it.
      const part = parts[name] as FormNode
      $defs[name] = part
      take(part)
    }
  }
  take(schema)
  return Object.keys($defs).length > 0 ? { ...schema, $defs } : schema
}
