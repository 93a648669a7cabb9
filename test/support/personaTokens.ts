import { lifetime } from '../../src/sandbox/issuer.js'
import { personaToken } from '../../src/sandbox/personaToken.js'
import { personaOf } from './personas.js'

type Sandbox = Parameters<typeof personaToken>[0]

/** Minutes within which a sign-in counts as recent for commands that require one. */
const recent = 5
/** Tokens of a persona of a running sandbox. Each is used for half of its lifetime at most. */
export function tokensOf(name: string, sandbox: Sandbox): () => Promise<string> {
  const persona = personaOf(name)
  let current: { token: Promise<string>; until: number } | undefined
  return () => {
    if (!current || Date.now() > current.until)
      current = { token: personaToken(sandbox, persona), until: Date.now() + Math.min(lifetime * 500, recent * 60_000) }
    return current.token
  }
}
