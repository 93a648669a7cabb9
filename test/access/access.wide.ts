import { long } from '../support/long.js'
import { testMatrix, testWalks } from './allowed.js'
import { few, inhabitants, openWorld } from './world.js'

const world = await openWorld()

/** They may see what others of the representatives may. */
const alike = ['minor', 'company-delegate', 'other-company-head', 'other-officer', 'accounting-program']
const asked = inhabitants.filter((persona) => !few.includes(persona) && (long || !alike.includes(persona)))

testWalks(world, asked)
testMatrix(world, asked)
