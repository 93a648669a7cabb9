import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { type EncryptionKey, encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { isAtLeast } from '../../shared/assurance.js'
import type { SignIn } from '../signIn/accessToken.js'
import type { SubjectKind } from './identity.table.js'
import { PersonStatus, particulars } from './particulars.table.js'

/** A FİN of a citizen outweighs other claims. */
export class StatusDisagrees extends Error {}

/** A sign-in as an officer does not state a citizenship status. */
const statuses: Partial<Record<SubjectKind, PersonStatus>> = {
  CITIZEN: PersonStatus.CITIZEN,
  FOREIGNER: PersonStatus.FOREIGNER,
  STATELESS: PersonStatus.STATELESS,
}

/** Stores details from a sign-in if they are new or have a higher assurance level. */
export async function tellParticulars(
  tx: Transaction,
  key: EncryptionKey,
  signIn: SignIn,
  createdAt: Date,
): Promise<void> {
  const { name = null, birthDate = null, kind, issuer, assurance } = signIn
  const status = statuses[kind] ?? null
  const rowOf = (id: string) => ({
    ...encrypt(key, particulars, { id, partyId: key.party, name, birthDate, source: issuer.issuer, createdAt }),
    status,
    assurance,
  })
  const first = await tx.insert(particulars).values(rowOf(v7())).onConflictDoNothing().returning({ id: particulars.id })
  if (first.length > 0) return
  const [known] = await tx.select().from(particulars).where(eq(particulars.partyId, key.party)).for('update')
  if (!known) throw new Error('particulars that were in the way of others are gone')
  if (known.status === PersonStatus.CITIZEN && status && status !== PersonStatus.CITIZEN)
    throw new StatusDisagrees('a citizen cannot sign in as a foreigner or a stateless person')
  const stated = { ...rowOf(known.id), status: status ?? known.status }
  await tx.update(particulars).set(beside(known, stated)).where(eq(particulars.id, known.id))
}

type Row = typeof particulars.$inferSelect
type Stated = Pick<Row, 'status' | 'assurance' | 'source' | 'createdAt'> & Partial<Pick<Row, 'name' | 'birthDate'>>

/** A higher assurance level replaces values, an equal one fills gaps. Nothing is removed. */
function beside(known: Row, { name = null, birthDate = null, status, ...by }: Stated): Partial<Row> {
  const isSurer = !isAtLeast(known.assurance, by.assurance)
  if (isSurer) return { ...by, status, name: name ?? known.name, birthDate: birthDate ?? known.birthDate }
  if (known.assurance !== by.assurance) return { status: known.status ?? status }
  return { status: known.status ?? status, name: known.name ?? name, birthDate: known.birthDate ?? birthDate }
}
