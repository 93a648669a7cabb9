import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { loadFor } from '../../engine/fetch.js'
import { type Context, refuseWithoutScope } from '../../shared/context.js'
import { downloadTerms } from '../drafts/fetching.js'
import { contentAccess } from '../written.repository.js'
import { AttachedFile, filesIn } from './attachedFile.js'
import { ApplicationAttachment } from './attachment.js'
import { attachments } from './attachment.table.js'
import { OfficerFile } from './officerFile.js'
import { officerFiles } from './officerFile.table.js'

interface Shown {
  id: string
}
const fileDescription = `Name, size and type of the file. ${contentAccess}`
const urlDescription = `URL of the file. Null until the file is CLEAN. ${downloadTerms} ${contentAccess}`

const attached = filesIn(attachments)
@Resolver(() => ApplicationAttachment)
export class AttachmentResolver {
  @FieldResolver(() => AttachedFile, { nullable: true, description: fileDescription })
  async file(@Root() { id }: Shown, @Ctx() context: Context): Promise<AttachedFile | null> {
    return (await loadFor(context, attached.filesOf, id))?.file ?? null
  }

  @FieldResolver(() => String, { nullable: true, description: urlDescription })
  async downloadUrl(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    refuseWithoutScope(context.caller, 'documents:read')
    return await loadFor(context, attached.addressesOf, id)
  }
}

const ofOfficers = filesIn(officerFiles)
@Resolver(() => OfficerFile)
export class OfficerFileResolver {
  @FieldResolver(() => AttachedFile, { nullable: true, description: fileDescription })
  async file(@Root() { id }: Shown, @Ctx() context: Context): Promise<AttachedFile | null> {
    return (await loadFor(context, ofOfficers.filesOf, id))?.file ?? null
  }

  @FieldResolver(() => String, { nullable: true, description: urlDescription })
  async downloadUrl(@Root() { id }: Shown, @Ctx() context: Context): Promise<string | null> {
    refuseWithoutScope(context.caller, 'documents:read')
    return await loadFor(context, ofOfficers.addressesOf, id)
  }
}
