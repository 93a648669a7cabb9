import { type Persona, personasOf } from '../../src/sandbox/personas.js'

// Read once: `personasOf` reads and checks a file.
const personas = new Map(personasOf().map((persona) => [persona.name, persona]))

export function personaOf(name: string): Persona {
  const persona = personas.get(name)
  if (!persona) throw new Error(`there is no persona ${name}`)
  return persona
}

export function finOf(name: string): string {
  const { fin } = personaOf(name)
  if (!fin) throw new Error(`the persona ${name} has no FİN`)
  return fin
}
