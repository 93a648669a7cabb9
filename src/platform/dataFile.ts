import { z } from 'zod'
import { Confidence } from './confidence.table.js'

const someText = z.string().trim().min(1)

/** Text for people. The file is refused unless all three languages are present. */
export const wordsInFile = z.strictObject({ az: someText, en: someText, ru: someText })

export const provenanceInFile = { confidence: z.enum(Confidence), source: someText.nullable() }

export const codeInFile = z.string().regex(/^[A-Z][A-Z0-9_-]*$/)

/** For a list whose entries are identified by code. */
export const byCode = <Entry extends z.ZodType<{ code: string }>>(entry: Entry) =>
  z.array(entry).superRefine((entries, context) => {
    const codes = new Set<string>()
    for (const [index, { code }] of entries.entries()) {
      if (codes.has(code)) {
        context.addIssue({ code: 'custom', path: [index, 'code'], input: code, message: 'a code is given once' })
      }
      codes.add(code)
    }
  })

/** Throws one line that names the place in the file. */
export function parseDataFile<Schema extends z.ZodType>(path: string, text: string, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(jsonOf(path, text), { reportInput: true })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`${path}: ${placeOf(issue?.path ?? [])}: ${issue?.message}; got ${JSON.stringify(issue?.input)}`)
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${path}: JSON is required; ${(error as SyntaxError).message}`)
  }
}

/** ['services', 3, 'name', 'az'] → services.3.name.az */
const placeOf = (path: PropertyKey[]) => path.map(String).join('.')
