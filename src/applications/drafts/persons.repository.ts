import { and, eq, inArray, or } from 'drizzle-orm'
import type { Acting } from '../../events/commandKeys.js'
import { MandateKind, mandates } from '../../identity/mandates/mandate.table.js'
import { isInForce } from '../../identity/parties/capacity.repository.js'
import { IdentifierType, identifiers } from '../../identity/parties/identifier.table.js'
import { particulars } from '../../identity/parties/particulars.table.js'
import { unwrapped } from '../../identity/parties/party.js'
import { parties } from '../../identity/parties/party.table.js'
import { decrypt } from '../../platform/personal.js'
import { isAtLeast } from '../../shared/assurance.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Identity, type Persons, unknownPerson } from './identity.rules.js'

/** What sign-in knows about the party that applies, the head of its organisation, and the minors and wards that it represents. */
export async function personsAround({ tx, context }: Acting, party: string): Promise<Persons> {
  const { PARENT, GUARDIAN, HEAD } = MandateKind
  const isWard = and(eq(mandates.holderId, party), inArray(mandates.kind, [PARENT, GUARDIAN]))
  const isHead = and(eq(mandates.principalId, party), eq(mandates.kind, HEAD))
  const between = await tx
    .select({ principalId: mandates.principalId, holderId: mandates.holderId })
    .from(mandates)
    .where(and(or(isWard, isHead), isInForce(context.now())))
  const heads = between.flatMap(({ principalId, holderId }) => (principalId === party ? [holderId] : []))
  const wards = between.flatMap(({ principalId, holderId }) => (holderId === party ? [principalId] : []))
  const known = await identitiesOf({ tx, context }, [party, ...heads, ...wards])
  const identityOf = (id: string) => known.get(id) ?? unknownPerson
  return { applicant: identityOf(party), heads: heads.map(identityOf), wards: wards.map(identityOf) }
}

/** What sign-in knows about parties. Names, birth dates and statuses require assurance SUBSTANTIAL. Forgotten parties are missing. */
export async function identitiesOf(
  { tx, context: { keyring } }: Acting,
  ids: readonly string[],
): Promise<Map<string, Identity>> {
  const rows = await tx
    .select({ party: parties, stored: particulars })
    .from(parties)
    .leftJoin(particulars, eq(particulars.partyId, parties.id))
    .where(inArray(parties.id, [...ids]))
  const held = await tx
    .select()
    .from(identifiers)
    .where(inArray(identifiers.partyId, [...ids]))
    .orderBy(identifiers.id)
  return new Map(
    rows
      .filter(({ party }) => party.key)
      .map(({ party, stored }) => {
        const key = unwrapped(keyring, party)
        const valuesOf = (wanted: IdentifierType) =>
          held
            .filter(({ partyId, type }) => partyId === party.id && type === wanted)
            .map((row) => decrypt(key, identifiers, row).value)
        const isSure = stored && isAtLeast(stored.assurance, Assurance.SUBSTANTIAL)
        const { name, birthDate, status } = isSure ? decrypt(key, particulars, stored) : unknownPerson
        const documents = valuesOf(IdentifierType.DOCUMENT).map((value) => {
          const [country = '', number = ''] = value.split(':')
          return { country, number }
        })
        const fins = valuesOf(IdentifierType.FIN)
        const voens = valuesOf(IdentifierType.VOEN)
        return [party.id, { ...unknownPerson, fins, voens, documents, name, birthDate, status }]
      }),
  )
}
