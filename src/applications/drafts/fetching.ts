import { downloadUrlOf, fetched } from '../../documents/files/address.js'
import { AccessKind } from '../../exchange/accessLog/access.table.js'
import type { Context } from '../../shared/context.js'
import type { applications } from '../application.table.js'
import { type CaseAccess, logCaseAccesses } from '../reading.repository.js'

/** A file of an application that the caller may read, by its node id. */
export interface Fetched {
  row: typeof applications.$inferSelect
  file: string
}

/** Where each is fetched, noted down before it is given; null for what may not be, or is not there. */
export async function urlsOnceLogged(
  files: readonly (Fetched | Error | null)[],
  context: Context,
): Promise<(string | Error | null)[]> {
  const accesses = files.flatMap((one): CaseAccess[] =>
    one && !(one instanceof Error) ? [{ row: one.row, kind: AccessKind.FILE, fields: [one.file] }] : [],
  )
  await logCaseAccesses(accesses, context)
  return files.map((one) => (one && !(one instanceof Error) ? downloadUrlOf(context, one.file) : one))
}

/** A part of descriptions. */
export const downloadTerms =
  `${fetched} Access is logged unless the caller is the applicant. ` +
  'Returns FORBIDDEN to a program without the scope `documents:read`.'
