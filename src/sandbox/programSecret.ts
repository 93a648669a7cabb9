import type { Config } from '../config.js'
import { makeSecret } from '../identity/programs/secret.js'
import { secretIn } from '../platform/secretFile.js'
import type { PersonaProgram } from './personas.js'

/** A sandbox program's secret, created once. The database only stores its hash. */
export const programSecret = ({ dataDir }: Pick<Config, 'dataDir'>, { name }: PersonaProgram): string =>
  secretIn(dataDir, `${name}.secret`, () => makeSecret().secret)
