import { ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { Stored, whoSeesItsParent } from '../../engine/declare.js'
import { officerFiles } from './officerFile.table.js'

@AllowedTo(anyone)
@Stored(officerFiles, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description: 'File that an officer sent with a request, a message, a decision or a note.',
})
export class OfficerFile {}
