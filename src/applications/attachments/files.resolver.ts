import { sql } from 'drizzle-orm'
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { downloadUrlOf, fetched } from '../../documents/files/address.js'
import { IssuedDocument } from '../../documents/issued/issuedDocument.js'
import { openedOf } from '../../documents/issued/issuedDocument.repository.js'
import type { issuedDocuments } from '../../documents/issued/issuedDocument.table.js'
import { Upload } from '../../documents/uploads/upload.js'
import { UploadState, type uploads } from '../../documents/uploads/upload.table.js'
import { AllowedTo } from '../../engine/allowedTo.js'
import { Asked } from '../../engine/declare.js'
import { loadFor } from '../../engine/fetch.js'
import { nodeIdOf, parseNodeId } from '../../engine/node.js'
import { beforeDeadline, statementOf } from '../../engine/statement.js'
import { AccessKind, AccessOutcome } from '../../exchange/accessLog/access.table.js'
import { logAccesses, type NewAccess } from '../../exchange/accessLog/logAccesses.js'
import { waysOfCaller } from '../../identity/mandates/powers.js'
import { bytesIn } from '../../platform/bytes.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Caller, type Context, refuseWithoutScope, requireAssurance, seesPersonal } from '../../shared/context.js'

const logged =
  'Access is logged unless the caller is the person concerned. Returns FORBIDDEN to a program without the scope ' +
  '`documents:read`.'
const opens = 'It opens the whole document, so access is logged unless the caller is the person concerned.'

@Resolver(() => Upload)
export class UploadFilesResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: `URL of the file. Null until the file is CLEAN, and for officers. ${fetched} ${logged}`,
  })
  async downloadUrl(
    @Root() { id, partyId, state }: Pick<typeof uploads.$inferSelect, 'id' | 'partyId' | 'state'>,
    @Ctx() context: Context,
  ): Promise<string | null> {
    // An officer downloads it through the application.
    if (state !== UploadState.CLEAN || context.caller.kind === 'OFFICER') return null
    return await urlOnceLogged({ file: nodeIdOf('Upload', id), owner: partyId, service: null }, context)
  }
}

@Resolver(() => IssuedDocument)
export class DocumentFilesResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      `URL of the PDF. Null until the document is signed, and for officers. ${fetched} A PDF that does not exist yet is ` +
      `made by the first GET, which takes a moment. While it takes longer, the GET returns status 503 with Retry-After. ${logged}`,
  })
  async downloadUrl(
    @Root() { id, partyId, keyId, serviceCode: service }: ShownDocument,
    @Ctx() context: Context,
  ): Promise<string | null> {
    // The assigned officer downloads it through the application.
    if (!keyId || context.caller.kind === 'OFFICER') return null
    return await urlOnceLogged({ file: nodeIdOf('IssuedDocument', id), owner: partyId, service }, context)
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Code that opens the document to anybody in `verifyDocument`, with its number. It is printed on the PDF. Null ' +
      `for officers, and if the party was forgotten. ${opens}`,
  })
  async code(@Root() shown: ShownDocument, @Ctx() context: Context): Promise<string | null> {
    return await shownOnceLogged(shown, context, (await loadUnlessOfficer(shown, context))?.code)
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Signed document, as a compact JWS (RFC 7515). docs/issued-documents.md describes the claims. Null until it ' +
      `is signed, for officers, and if the party was forgotten. ${opens}`,
  })
  async signature(@Root() shown: ShownDocument, @Ctx() context: Context): Promise<string | null> {
    return await shownOnceLogged(shown, context, (await loadUnlessOfficer(shown, context))?.signature)
  }

  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'SHA-256 of the PDF in hexadecimal, as `verifyDocument` takes it. Null until the PDF is made (see ' +
      `\`downloadUrl\`), and for officers. ${opens}`,
  })
  async pdfSha256(@Root() shown: ShownDocument, @Ctx() context: Context): Promise<string | null> {
    // Opens the whole document in `verifyDocument`, as the code does.
    if (!shown.pdfSha256 || context.caller.kind === 'OFFICER') return null
    return await shownOnceLogged(shown, context, bytesIn(shown.pdfSha256).toString('hex'))
  }
}
interface ShownDocument extends Pick<typeof issuedDocuments.$inferSelect, 'id' | 'partyId' | 'serviceCode' | 'keyId'> {
  /** Bytes as JSON. */
  pdfSha256: string | null
}

/** Officers see only that it was issued. The assigned one reads the content in the application. */
const loadUnlessOfficer = async ({ id }: ShownDocument, context: Context) =>
  context.caller.kind === 'OFFICER' ? null : await loadFor(context, openedOf, id)

/** Logs the access before it returns a value that opens the document. */
async function shownOnceLogged(
  { id, partyId: owner, serviceCode: service }: ShownDocument,
  context: Context,
  what: string | null | undefined,
): Promise<string | null> {
  if (what == null) return null
  await logOpening({ file: nodeIdOf('IssuedDocument', id), owner, service }, context)
  return what
}

/** Access to a file by its node ID, with its service if there is one. */
interface FileAccess {
  file: string
  owner: string
  service: string | null
}

async function urlOnceLogged(access: FileAccess, context: Context): Promise<string> {
  refuseWithoutScope(context.caller, 'documents:read')
  await logOpening(access, context)
  return downloadUrlOf(context, access.file)
}

async function logOpening({ file, owner, service }: FileAccess, context: Context): Promise<void> {
  const { kind, assurance } = context.caller
  if (kind === 'PERSON' && assurance !== Assurance.HIGH)
    requireAssurance(context.caller, await loadFor(context, assurancesOf, file))
  if (!isOwn(context.caller, owner)) await loadFor(context, logFileAccesses, JSON.stringify([file, owner, service]))
}
const isOwn = ({ kind, party }: Caller, owner: string) => kind === 'PERSON' && party === owner

const files = new Asked(({ keys }) => keys?.map((id) => parseNodeId(id as string)?.key))
/** The highest assurance level of the services whose applications have the file. */
const assurances = statementOf({
  sql: sql`(
    select coalesce(json_object_agg(id, assurance), '{}') from (
      select file.id, max(version.assurance) as assurance
      from (
        select upload_id as id, application_id as case_id from attachments where upload_id = any(${files}::uuid[])
        union all select id, subject_id from issued_documents where id = any(${files}::uuid[])) file
      join applications on applications.id = file.case_id
      join service_versions version on version.id = applications.version_id
      group by file.id) asked)`,
})
async function assurancesOf(ids: readonly string[], context: Context): Promise<Assurance[]> {
  const found: Record<string, Assurance> = await assurances(context.database.client, {
    context,
    variables: {},
    keys: ids,
  })
  return ids.map((id) => found[parseNodeId(id)?.key ?? ''] ?? Assurance.NONE)
}

const points = new Asked(({ keys }) => keys)
/**
 * The purpose, and the mandates that give access to the data of a party, by party, service and document.
 */
const purposeAndMandates = statementOf({
  sql: sql`
    select json_build_object('purposeId', (select id from purposes where code = 'OWN_DATA'),
      'mandates', (
        select json_object_agg(point, (
          select mandate_ids from ${waysOfCaller} way
          where (way.principal_id = (point::json->>0)::uuid or way.principal_id in (
              select party_id from document_parties where document_id = (point::json->>2)::uuid))
            and way.powers && '{VIEW,FILE}'
            and (way.services is null or point::json->>1 is null or point::json->>1 = any(way.services))
          order by 'VIEW' = any(way.powers) desc, cardinality(mandate_ids), mandate_ids limit 1))
        from unnest(${points}::text[]) point))`,
})

/** Logs access to these files. The number of statements does not grow with the files. */
async function logFileAccesses(keys: readonly string[], context: Context): Promise<true[]> {
  const { caller, database, deadline, now } = context
  const opened = keys.map((key) => {
    const [file, owner, service]: [string, string, string | null] = JSON.parse(key)
    const { type, key: document } = parseNodeId(file) ?? {}
    return { file, owner, point: JSON.stringify([owner, service, type === 'IssuedDocument' ? document : null]) }
  })
  const found = await purposeAndMandates(database.client, {
    context,
    variables: {},
    keys: [...new Set(opened.map(({ point }) => point))],
  })
  const at = now()
  const entries = opened.map(
    ({ file, owner, point }): NewAccess => ({
      at,
      kind: AccessKind.FILE,
      partyId: owner,
      outcome: AccessOutcome.SHOWN,
      purposeId: found.purposeId,
      actor: caller.id,
      actorPartyId: caller.party,
      programId: caller.program?.id,
      // A program of the party itself has none.
      mandateIds: found.mandates[point] ?? [],
      // The file. No registry is involved.
      fields: [file],
    }),
  )
  await beforeDeadline(deadline, () => database.db.transaction((tx) => logAccesses(tx, entries)))
  return keys.map(() => true)
}
