import { usualTimings } from '../../src/platform/timings.js'
import { personaToken } from '../../src/sandbox/personaToken.js'
import { personaOf } from './personas.js'

type Sandbox = Omit<Parameters<typeof personaToken>[0], 'timings'>

/** Minutes within which a sign-in counts as recent for commands that require one. */
const recent = 5
/** Tokens of a persona of a running sandbox. Each is used for half of its lifetime at most. */
export function tokensOf(name: string, sandbox: Sandbox, timings = usualTimings): () => Promise<string> {
  const persona = personaOf(name)
  const life = Math.min(timings.tokenLifetime / 2, recent * 60_000)
  let current: { token: Promise<string>; until: number } | undefined
  return () => {
    if (!current || Date.now() > current.until)
      current = { token: personaToken({ ...sandbox, timings }, persona), until: Date.now() + life }
    return current.token
  }
}
