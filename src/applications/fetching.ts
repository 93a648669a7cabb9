import { addressOf } from '../documents/address.js'
import type { Context } from '../shared/context.js'
import type { applications } from './application.table.js'
import { logLooks } from './reading.repository.js'

/** A file of an application that the caller may read, by its node id. */
export interface Fetched {
  row: typeof applications.$inferSelect
  file: string
}

/** Milliseconds that an address to fetch from is good for. */
const addressLife = 300_000

/** Where each is fetched, noted down before it is given; null for what may not be, or is not there. */
export async function addressesOnceNoted(
  files: readonly (Fetched | null)[],
  context: Context,
): Promise<(string | null)[]> {
  const looks = files.flatMap((one) => (one ? [{ row: one.row, fields: [one.file] }] : []))
  await logLooks(looks, context)
  const until = new Date(context.now().getTime() + addressLife)
  return files.map((one) => one && addressOf(context.keyring, 'files', one.file, until))
}

/** For whoever reads the schema. */
export const fetchedHow =
  'a path of this API for a GET without a token, good for five minutes. It is for saving and is never shown as a page. ' +
  'Whoever is not the applicant is logged as having fetched it. FORBIDDEN to a program without the scope `documents:read`.'
