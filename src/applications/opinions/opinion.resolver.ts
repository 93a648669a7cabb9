import { inArray } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { loadFor } from '../../engine/fetch.js'
import { beforeDeadline } from '../../engine/statement.js'
import { AccessKind } from '../../exchange/accessLog/access.table.js'
import { caseOfficesOf } from '../../identity/officers/offices.js'
import { keysOf } from '../../identity/parties/party.js'
import { knownOf } from '../../identity/parties/party.repository.js'
import { decrypt, type PartyKey } from '../../platform/personal.js'
import { actsForAgency, type Context } from '../../shared/context.js'
import { assuranceErrorInCase } from '../application.repository.js'
import { type CaseAccess, findRelated, logCaseAccesses, readableAmong } from '../reading.repository.js'
import { ApplicationOpinion } from './opinion.js'
import type { Opinion } from './opinion.repository.js'
import { opinions } from './opinion.table.js'

type Shown = Pick<Opinion, 'id' | 'givenBy'>

const textAccess =
  'Visible to officers who may read `Application.content`, to programs of that agency, and to officers of the asked ' +
  'agency with the role REVIEWER or APPROVER and assurance HIGH. Null for others, such as the applicant, in an ' +
  'officer’s own case, and if the applicant was forgotten. Access is logged.'

@Resolver(() => ApplicationOpinion)
export class OpinionResolver {
  @FieldResolver(() => String, { nullable: true, description: `Question to the other agency. ${textAccess}` })
  async question(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, textsOf, id))?.question ?? null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `Opinion of the other agency. Null until it is given. ${textAccess}`,
  })
  async text(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    return (await loadFor(context, textsOf, id))?.text ?? null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `Name of the officer who gave the opinion. Null until then. ${textAccess}`,
  })
  async officerName(@Root() { id, givenBy }: Shown, @Ctx() context: Context): Promise<string | null> {
    const texts = givenBy && (await loadFor(context, textsOf, id))
    return texts ? (await loadFor(context, knownOf, givenBy)).name : null
  }
}

interface Texts {
  question: string
  text: string | null
}
/** Decrypts opinions that the caller may read, and logs the access. The number of statements does not grow with them. */
async function textsOf(ids: readonly string[], context: Context): Promise<(Texts | Error | null)[]> {
  const { database, caller, deadline } = context
  if (!actsForAgency(caller)) return ids.map(() => null)
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select()
      .from(opinions)
      .where(inArray(opinions.id, [...ids])),
  )
  const { readable, unsure } = await readableAmong([...new Set(rows.map((row) => row.applicationId))], context)
  const advised = await advisedIn(
    rows.filter(({ applicationId }) => !readable.has(applicationId)),
    context,
  )
  const texts = new Map<string, Texts | Error>()
  const accesses = new Map<string, CaseAccess>()
  for (const row of rows) {
    const of = readable.get(row.applicationId) ?? advised.get(row.id)
    const doubt = of instanceof Error ? of : unsure.get(row.applicationId)
    if (doubt) texts.set(row.id, doubt)
    if (!of || of instanceof Error || !of.key) continue
    const { question, text } = decrypt(of.key, opinions, row)
    texts.set(row.id, { question, text })
    const agencyId = readable.has(row.applicationId) ? of.row.agencyId : row.agencyId
    const access = { row: { ...of.row, agencyId }, kind: AccessKind.CASE as const, fields: ['opinions'] }
    accesses.set(`${row.applicationId} ${agencyId}`, access)
  }
  await logCaseAccesses([...accesses.values()], context)
  return ids.map((id) => texts.get(id) ?? null)
}

type Advised = { row: CaseAccess['row']; key: PartyKey | undefined }
/** Those that an agency of the caller was asked for. The case must not be the officer’s own. */
async function advisedIn(rows: readonly Opinion[], context: Context): Promise<Map<string, Advised | Error>> {
  const { database, keyring, caller } = context
  const offices = new Set(caseOfficesOf(caller).map(({ agencyId }) => agencyId))
  const asked = caller.kind === 'OFFICER' ? rows.filter(({ agencyId }) => offices.has(agencyId)) : []
  const related = await Promise.all(asked.map(({ applicationId }) => loadFor(context, findRelated, applicationId)))
  const keys = await keysOf(database, keyring, [...new Set(asked.map(({ partyId }) => partyId))])
  return new Map(
    asked.flatMap(({ id, partyId }, at): [string, Advised | Error][] => {
      const found = related[at]
      if (!found || found.relation.tie !== null) return []
      const doubt = assuranceErrorInCase(caller, found.assurance)
      return [[id, doubt ?? { row: found.application, key: keys.get(partyId) }]]
    }),
  )
}
