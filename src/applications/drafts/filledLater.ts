import canonicalize from 'canonicalize'
import { and, eq, isNotNull } from 'drizzle-orm'
import { findForm } from '../../catalogue/forms/form.repository.js'
import { RegistryDown } from '../../catalogue/services/process.table.js'
import { keyIn } from '../../engine/node.js'
import type { Decrypted } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Context } from '../../shared/context.js'
import { ApplicationState, applications } from '../application.table.js'
import { applicationParties } from '../applicationParty.table.js'
import { documentsOf, processOf, registriesOf } from './form.repository.js'
import type { Persons } from './identity.rules.js'
import { askRegistries, prefill, type RegistryAnswers } from './prefill.js'

export type Draft = Decrypted<typeof applications.$inferSelect>

interface Named {
  applicationId: string
}
async function draftOf({ applicationId: id }: Named, { database: { db } }: Context) {
  const isDraft = and(eq(applications.id, keyIn(id, 'Application')), eq(applications.state, ApplicationState.DRAFT))
  return (await db.select().from(applications).where(isDraft))[0]
}

/** Asks registries again, if the service waits for those that were down when the draft was started. A signed draft stays. */
export async function askRegistriesAgain(named: Named, context: Context): Promise<RegistryAnswers> {
  const { db } = context.database
  const row = await draftOf(named, context)
  if (!row || (await isSigned(db, row.id))) return new Map()
  const { registryDown } = await processOf(db, row.versionId)
  if (registryDown !== RegistryDown.WAIT_FOR_REGISTRY) return new Map()
  return await askAllFor(row, context)
}

async function isSigned(db: Context['database']['db'], id: string): Promise<boolean> {
  const { id: party, applicationId, signedAt } = applicationParties
  const signed = and(eq(applicationId, id), isNotNull(signedAt))
  return (await db.select({ party }).from(applicationParties).where(signed).limit(1)).length > 0
}

async function askAllFor(row: typeof applications.$inferSelect, context: Context): Promise<RegistryAnswers> {
  const { db } = context.database
  const documents = await registriesOf(db, await documentsOf(db, row.versionId))
  return await askRegistries(await findForm(db, row.versionId), documents, row, context)
}

export async function prefillAgain(
  tx: Transaction,
  draft: Draft,
  fetched: RegistryAnswers,
  persons: Persons,
): Promise<Draft> {
  const form = fetched.size > 0 ? await findForm(tx, draft.versionId) : undefined
  if (!form) return draft
  return { ...draft, ...prefill(draft.answers, form, fetched, { persons }, draft.prefilled) }
}

/** Whether the answers or their sources changed. */
export const isChanged = (filled: Draft, before: Draft): boolean => contentOf(filled) !== contentOf(before)

/** Without message IDs, which differ at each request. */
const contentOf = ({ answers, prefilled: { places, answered, missing } }: Draft): string | undefined =>
  canonicalize({ answers, places: Object.keys(places).sort(), answered: [...answered].sort(), missing })
