import { lifetime } from '../../src/sandbox/issuer.js'
import { personasOf } from '../../src/sandbox/personas.js'
import { personaToken } from '../../src/sandbox/personaToken.js'

type Sandbox = Parameters<typeof personaToken>[0]

/** Minutes for which a sign-in is recent enough for whatever takes a recent one. */
const recent = 5
/** Tokens of a persona at a sandbox that runs, each used for half of its life at most. */
export function tokensOf(name: string, sandbox: Sandbox): () => Promise<string> {
  const persona = personasOf().find((persona) => persona.name === name)
  if (!persona) throw new Error(`there is no persona ${name}`)
  let current: { token: Promise<string>; until: number } | undefined
  return () => {
    if (!current || Date.now() > current.until)
      current = { token: personaToken(sandbox, persona), until: Date.now() + Math.min(lifetime * 500, recent * 60_000) }
    return current.token
  }
}
