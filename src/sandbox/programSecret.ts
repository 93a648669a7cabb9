import type { Config } from '../config.js'
import { makeSecret } from '../identity/programs/secret.js'
import { secretIn } from '../platform/secretFile.js'
import type { PersonaProgram } from './personas.js'

/** Of a program of the sandbox, made once; the database holds a hash of it alone. */
export const programSecret = ({ dataDir }: Pick<Config, 'dataDir'>, { name }: PersonaProgram): string =>
  secretIn(dataDir, `${name}.secret`, () => makeSecret().secret)
