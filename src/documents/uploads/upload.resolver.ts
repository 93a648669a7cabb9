import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { AllowedTo } from '../../engine/allowedTo.js'
import { loadFor } from '../../engine/fetch.js'
import { partyKeys } from '../../identity/parties/party.repository.js'
import { bytesIn } from '../../platform/bytes.js'
import { decrypt, type Encrypted } from '../../platform/personal.js'
import { type Context, seesPersonal } from '../../shared/context.js'
import { Upload } from './upload.js'
import { uploads } from './upload.table.js'

interface Shown {
  id: string
  partyId: string
  /** Bytes as text, as in JSON. */
  name: string
}

@Resolver(() => Upload)
export class UploadResolver {
  @AllowedTo(seesPersonal)
  @FieldResolver(() => String, {
    nullable: true,
    description: 'File name as announced. Null if the party’s data was erased.',
  })
  async name(@Root() { id, partyId, name }: Shown, @Ctx() context: Context): Promise<string | null> {
    const key = await loadFor(context, partyKeys, partyId)
    return key && decrypt(key, uploads, { id, name: bytesIn(name) as Encrypted<string> }).name // as stored in that column
  }
}
