import { applications } from '../../src/applications/application.table.js'
import { applicationParties } from '../../src/applications/applicationParty.table.js'
import { opinions } from '../../src/applications/opinions/opinion.table.js'
import { documentParties } from '../../src/documents/issued/documentParty.table.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { uploads } from '../../src/documents/uploads/upload.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { consents } from '../../src/exchange/consents/consent.table.js'
import { filingBatches } from '../../src/filings/batches/filingBatch.table.js'
import { filings } from '../../src/filings/filing.table.js'
import { mandates } from '../../src/identity/mandates/mandate.table.js'
import { appointments } from '../../src/identity/officers/appointment.table.js'
import { parties } from '../../src/identity/parties/party.table.js'
import { programs } from '../../src/identity/programs/program.table.js'
import { charges } from '../../src/payments/charges/charge.table.js'
import { payments } from '../../src/payments/checkout/payment.table.js'
import { paymentItems } from '../../src/payments/checkout/paymentItem.table.js'
import { reconciliations } from '../../src/payments/reconciliation/reconciliation.table.js'
import { refunds } from '../../src/payments/refunds/refund.table.js'
import type { WhoIs, World } from './world.js'

/** All that is somebody's, who applied together with whom, and to whom documents were issued. */
export async function rowsOf({ db }: World) {
  return {
    Application: await db.select().from(applications),
    ApplicationOpinion: await db.select().from(opinions),
    Party: await db.select().from(parties),
    Mandate: await db.select().from(mandates),
    Program: await db.select().from(programs),
    Appointment: await db.select().from(appointments),
    Consent: await db.select().from(consents),
    AccessLogEntry: await db.select().from(accesses),
    IssuedDocument: await db.select().from(issuedDocuments),
    Upload: await db.select().from(uploads),
    Charge: await db.select().from(charges),
    Payment: await db.select().from(payments),
    Refund: await db.select().from(refunds),
    Reconciliation: await db.select().from(reconciliations),
    Filing: await db.select().from(filings),
    FilingBatch: await db.select().from(filingBatches),
    paid: await db.select().from(paymentItems),
    issued: await db.select().from(documentParties),
    together: await db.select().from(applicationParties),
  }
}
type Rows = Awaited<ReturnType<typeof rowsOf>>
type Owned = Exclude<keyof Rows, 'issued' | 'together' | 'paid'>

interface Way {
  principalId: string
  powers: string[]
  /** Null: all. */
  services: string[] | null
}

/** For whom somebody may act, by the table alone. */
function waysOf(rows: Rows, { kind, party }: WhoIs): Way[] {
  if (kind !== 'PERSON' && kind !== 'PROGRAM') return []
  const now = new Date()
  const inForce = rows.Mandate.filter(
    ({ revokedAt, validFrom, validTo }) => !revokedAt && validFrom <= now && (!validTo || validTo > now),
  )
  const held = inForce.filter(({ holderId }) => holderId === party)
  const firms = rows.Party.filter(({ kind }) => kind === 'LEGAL_ENTITY').map(({ id }) => id)
  const asStaff = held.filter(
    ({ kind, principalId }) => ['HEAD', 'SEAL_HOLDER', 'EMPLOYEE'].includes(kind) && firms.includes(principalId),
  )
  const through = (kind === 'PERSON' ? asStaff : []).flatMap((own) =>
    inForce
      .filter(({ holderId, principalId }) => holderId === own.principalId && principalId !== party)
      .map(({ principalId, powers, services }) => ({
        principalId,
        powers: powers.filter((power) => own.powers.includes(power)),
        services:
          services && own.services
            ? services.filter((code) => own.services?.includes(code))
            : (services ?? own.services),
      })),
  )
  return [...held, ...through]
}

/** The ids of all that somebody may see. Without a word of the code that answers. */
export function seenBy(who: WhoIs, rows: Rows): string[] {
  const { kind, party, program, programOf, scopes, officerOf, adminOf, reviewerOf, financeOf, isSure } = who
  if (kind === 'ANONYMOUS')
    return rows.Payment.filter(({ anonymous }) => anonymous).map(({ id }) => nodeIdOf('Payment', id))
  const isNarrow = kind === 'PROGRAM' && !scopes.includes('mandates:read')
  const ways = waysOf(rows, who)
  const principals = (fits: (way: Way) => boolean) =>
    new Set([party, ...ways.filter(fits).map(({ principalId }) => principalId)])
  const viewed = principals(({ powers, services }) => powers.includes('VIEW') && services?.length !== 0)
  const wholly = principals(({ powers, services }) => powers.includes('VIEW') && services === null)
  const filed = principals(({ powers, services }) => powers.includes('FILE') && services?.length !== 0)
  const mandated = principals(
    ({ powers, services }) => (powers.includes('VIEW') || powers.includes('CONSENT')) && services === null,
  )
  const readsFilings = kind === 'PERSON' || scopes.includes('filings:read') || scopes.includes('filings:write')
  const isSeen: { [Type in Owned]: (row: Rows[Type][0]) => boolean } = {
    Party: ({ id }) => (isNarrow ? id === party : viewed.has(id)),
    Mandate: ({ holderId, principalId }) =>
      (kind === 'PERSON' || (kind === 'PROGRAM' && !isNarrow)) && (mandated.has(holderId) || mandated.has(principalId)),
    Program: ({ id, partyId, agencyId }) =>
      (kind === 'PERSON' && partyId !== null && wholly.has(partyId)) ||
      (kind === 'OFFICER' && agencyId !== null && adminOf.includes(agencyId)) ||
      id === program,
    Appointment: ({ partyId, agencyId, state, roles }) =>
      kind === 'AUDITOR' ||
      (kind === 'OPERATOR' && ['PROPOSED', 'CONFIRMED'].includes(state)) ||
      (kind === 'OFFICER' &&
        (partyId === party ||
          adminOf.includes(agencyId) ||
          (reviewerOf.includes(agencyId) &&
            state === 'ACTIVE' &&
            roles.some((role) => ['REVIEWER', 'APPROVER'].includes(role))))),
    Consent: ({ partyId, agencyId }) =>
      kind === 'AUDITOR' ||
      (kind === 'PERSON' && mandated.has(partyId)) ||
      (kind === 'PROGRAM' && scopes.includes('registries:read') && partyId === party) ||
      (kind === 'OFFICER' && officerOf.includes(agencyId)),
    Application: ({ id, serviceCode, agencyId, submittedAt }) =>
      (submittedAt !== null &&
        (kind === 'AUDITOR' ||
          (kind === 'OFFICER' && officerOf.includes(agencyId)) ||
          (kind === 'AGENCY_PROGRAM' && scopes.includes('cases:read') && programOf === agencyId))) ||
      ((kind === 'PERSON' || (kind === 'PROGRAM' && scopes.includes('applications:read'))) &&
        rows.together.some(
          ({ applicationId, partyId }) =>
            applicationId === id &&
            partyId !== null &&
            principals(
              ({ powers, services }) =>
                powers.includes('VIEW') && (services === null || services.includes(serviceCode)),
            ).has(partyId),
        )),
    ApplicationOpinion: ({ applicationId, agencyId }) =>
      // All officers of the asked agency here are reviewers or approvers.
      (kind === 'OFFICER' && officerOf.includes(agencyId)) ||
      rows.Application.some((row) => row.id === applicationId && isSeen.Application(row)),
    IssuedDocument: ({ id, serviceCode, agencyId }) =>
      (kind === 'OFFICER' && agencyId !== null && officerOf.includes(agencyId)) ||
      ((kind === 'PERSON' || (kind === 'PROGRAM' && scopes.includes('documents:read'))) &&
        rows.issued.some(
          ({ documentId, partyId }) =>
            documentId === id &&
            principals(
              ({ powers, services }) =>
                powers.includes('VIEW') &&
                (services === null || (serviceCode !== null && services.includes(serviceCode))),
            ).has(partyId),
        )),
    AccessLogEntry: ({ partyId, agencyId, releaseAt }) =>
      kind === 'AUDITOR' ||
      (releaseAt <= new Date() &&
        ((kind === 'PERSON' && isSure && wholly.has(partyId)) ||
          (kind === 'PROGRAM' && scopes.includes('registries:read') && partyId === party) ||
          (kind === 'OFFICER' && agencyId !== null && adminOf.includes(agencyId)))),
    Payment: ({ id, partyId }) =>
      kind === 'AUDITOR' ||
      (kind === 'OFFICER' &&
        rows.paid.some(({ paymentId, chargeId }) => {
          const charge = rows.Charge.find((row) => row.id === chargeId)
          return paymentId === id && charge !== undefined && financeOf.includes(charge.agencyId)
        })) ||
      ((kind === 'PERSON' || (kind === 'PROGRAM' && scopes.includes('payments:read'))) && wholly.has(partyId)),
    Refund: ({ partyId, agencyId, serviceCode }) =>
      kind === 'AUDITOR' ||
      (kind === 'OFFICER' && financeOf.includes(agencyId)) ||
      ((kind === 'PERSON' || (kind === 'PROGRAM' && scopes.includes('payments:read'))) &&
        principals(
          ({ powers, services }) =>
            (powers.includes('VIEW') || powers.includes('PAY')) &&
            (services === null || (serviceCode !== null && services.includes(serviceCode))),
        ).has(partyId)),
    Reconciliation: ({ agencyId }) =>
      kind === 'AUDITOR' ||
      (kind === 'OPERATOR' && agencyId === null) ||
      (kind === 'OFFICER' && agencyId !== null && financeOf.includes(agencyId)),
    Charge: ({ partyId, agencyId, serviceCode }) =>
      kind === 'AUDITOR' ||
      (kind === 'OFFICER' && financeOf.includes(agencyId)) ||
      (kind === 'AGENCY_PROGRAM' && scopes.includes('charges:read') && programOf === agencyId) ||
      ((kind === 'PERSON' || (kind === 'PROGRAM' && scopes.includes('payments:read'))) &&
        partyId !== null &&
        principals(
          ({ powers, services }) =>
            (powers.includes('VIEW') || powers.includes('PAY')) &&
            (services === null || (serviceCode !== null && services.includes(serviceCode))),
        ).has(partyId)),
    Filing: ({ partyId, agencyId, serviceCode }) =>
      kind === 'AUDITOR' ||
      (kind === 'OFFICER' && officerOf.includes(agencyId)) ||
      (kind === 'AGENCY_PROGRAM' && scopes.includes('filings:handle') && programOf === agencyId) ||
      (readsFilings &&
        principals(
          ({ powers, services }) =>
            (powers.includes('VIEW') || powers.includes('FILE')) &&
            (services === null || services.includes(serviceCode)),
        ).has(partyId)),
    FilingBatch: ({ partyId }) => readsFilings && wholly.has(partyId),
    Upload: ({ partyId, createdBy, subjectId }) =>
      subjectId === null
        ? (kind === 'PERSON' && (wholly.has(partyId) || (createdBy === `person:${party}` && filed.has(partyId)))) ||
          (kind === 'PROGRAM' && scopes.includes('documents:read') && wholly.has(partyId)) ||
          (kind === 'PROGRAM' &&
            scopes.includes('documents:write') &&
            createdBy === `program:${program}` &&
            filed.has(partyId))
        : kind === 'OFFICER' && createdBy === `officer:${party}`,
  }
  const seen = <Type extends Owned>(type: Type) =>
    rows[type].filter((row) => isSeen[type](row)).map(({ id }) => nodeIdOf(type, id))
  return (Object.keys(isSeen) as Owned[]).flatMap(seen)
}
