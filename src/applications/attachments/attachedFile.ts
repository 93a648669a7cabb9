import { eq, inArray } from 'drizzle-orm'
import { Field, Int, ObjectType } from 'type-graphql'
import { UploadState, uploads } from '../../documents/uploads/upload.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { nodeIdOf } from '../../engine/node.js'
import { beforeDeadline } from '../../engine/statement.js'
import { keysOf } from '../../identity/parties/party.js'
import { decrypt } from '../../platform/personal.js'
import type { Context } from '../../shared/context.js'
import { urlsOnceLogged } from '../drafts/fetching.js'
import { type Readable, readableAmong } from '../reading.repository.js'
import type { attachments } from './attachment.table.js'
import type { officerFiles } from './officerFile.table.js'

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Properties of an attached file.' })
export class AttachedFile {
  @Field(() => String, { description: 'Name of the file, as uploaded.' })
  name!: string
  @Field(() => Int, { description: 'Size in bytes.' })
  size!: number
  @Field(() => String, {
    nullable: true,
    description:
      'Media type, detected from the content: application/pdf, image/jpeg or image/png. Null until the file is ' +
      'CLEAN.',
  })
  mediaType!: string | null
}

interface Found {
  uploadId: string
  isClean: boolean
  of: Readable
  file: AttachedFile
}

/** Loads the files of a page of attachments. Each is null if the caller may not read the application. */
export function filesIn(table: typeof attachments | typeof officerFiles) {
  async function filesOf(ids: readonly string[], context: Context): Promise<(Found | Error | null)[]> {
    const { database, deadline } = context
    const rows = await beforeDeadline(deadline, () =>
      database.db
        .select({ id: table.id, applicationId: table.applicationId, upload: uploads })
        .from(table)
        .innerJoin(uploads, eq(uploads.id, table.uploadId))
        .where(inArray(table.id, [...ids])),
    )
    const { readable, unsure } = await readableAmong(
      [...new Set(rows.map(({ applicationId }) => applicationId))],
      context,
    )
    const keys = await keysOf(database, context.keyring, [...new Set(rows.map(({ upload }) => upload.partyId))])
    const found = rows.flatMap(({ id, applicationId, upload }): [string, Found | Error][] => {
      const doubt = unsure.get(applicationId)
      if (doubt) return [[id, doubt]]
      const of = readable.get(applicationId)
      const key = keys.get(upload.partyId)
      if (!of || !key) return []
      const { size, mediaType, state } = upload
      const file = { name: decrypt(key, uploads, upload).name, size, mediaType }
      return [[id, { uploadId: upload.id, isClean: state === UploadState.CLEAN, of, file }]]
    })
    const byId = new Map(found)
    return ids.map((id) => byId.get(id) ?? null)
  }

  async function addressesOf(ids: readonly string[], context: Context): Promise<(string | Error | null)[]> {
    const files = await filesOf(ids, context)
    const clean = files.map((one) => {
      if (one instanceof Error) return one
      return one?.isClean ? { row: one.of.row, file: nodeIdOf('Upload', one.uploadId) } : null
    })
    return await urlsOnceLogged(clean, context)
  }

  return { filesOf, addressesOf }
}
