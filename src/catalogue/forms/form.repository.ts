import { eq, inArray } from 'drizzle-orm'
import { agencies } from '../../agencies/agency.table.js'
import type { Database } from '../../platform/database.js'
import type { Transaction } from '../../platform/seeding.js'
import { answerAt } from './answers.rules.js'
import { fieldsOf } from './form.fields.js'
import type { Fault } from './form.rules.js'
import { forms } from './form.table.js'

export type Reading = Transaction | Database['db']

export interface Form {
  schema: typeof forms.$inferSelect.schema
  /** Without `today`, `x-date` is not checked. */
  faultsIn(answers: unknown, today?: string): Fault[]
}

/** Compiled forms by version. The form of a version never changes. */
const compiled = new Map<string, Form>()
const maxCompiled = 100

export async function findForm(reading: Reading, versionId: string): Promise<Form | undefined> {
  const known = compiled.get(versionId)
  if (known) return known
  const [row] = await reading.select().from(forms).where(eq(forms.versionId, versionId))
  if (!row) return undefined
  // Loads the compiler only when it is needed.
  const { faultsIn, validatorOf } = await import('./form.rules.js')
  const validate = validatorOf(row.schema)
  const form = {
    schema: row.schema,
    faultsIn: (answers: unknown, today?: string) => faultsIn(validate, answers, today),
  }
  if (compiled.size >= maxCompiled) compiled.delete(compiled.keys().next().value as string) // never empty here
  compiled.set(versionId, form)
  return form
}

/** The form of a version of a service that is applied for or filed, which always has one. */
export async function getForm(reading: Reading, versionId: string): Promise<Form> {
  const form = await findForm(reading, versionId)
  if (!form) throw new Error(`what is applied for must have a form; the version ${versionId} has none`)
  return form
}

const agencyFields = new WeakMap<Form['schema'], string[]>()
/** The fields whose answers name an agency. A schema is walked once. */
function fieldsOfAgencies(schema: Form['schema']): string[] {
  const known = agencyFields.get(schema)
  if (known) return known
  const found = fieldsOf(schema).filter(({ at, node }) => node.format === 'agency' && !at.includes('*'))
  const places = found.map(({ at }) => at)
  agencyFields.set(schema, places)
  return places
}

interface Answered {
  form: Pick<Form, 'schema'>
  answers: Record<string, unknown>
}
/** Answers of the format `agency` that name no agency, for each form. */
export async function faultsInAgenciesAmong(reading: Reading, answered: readonly Answered[]): Promise<Fault[][]> {
  const named = answered.map(({ form, answers }) =>
    fieldsOfAgencies(form.schema)
      .map((at) => ({ at, code: answerAt(answers, at) }))
      .filter((one): one is { at: string; code: string } => typeof one.code === 'string'),
  )
  const codes = [...new Set(named.flat().map(({ code }) => code))]
  if (codes.length === 0) return answered.map(() => [])
  const rows = await reading.select({ code: agencies.code }).from(agencies).where(inArray(agencies.code, codes))
  const known = new Set(rows.map(({ code }) => code))
  return named.map((ofOne) =>
    ofOne
      .filter(({ code }) => !known.has(code))
      .map(({ at }) => ({ at, keyword: 'format', params: { format: 'agency' } })),
  )
}

/** Answers of the format `agency` that name no agency. */
export async function faultsInAgencies(
  reading: Reading,
  form: Answered['form'],
  answers: Answered['answers'],
): Promise<Fault[]> {
  const [faults = []] = await faultsInAgenciesAmong(reading, [{ form, answers }])
  return faults
}
