import type { ToCertify } from './authority.js'
import { textOfPersonas } from './personas.js'
import { personasFrom } from './personasFile.js'

/** What a certificate for the electronic seal of a sandbox organisation says. */
export function sealOf(name: string | undefined): Omit<ToCertify, 'days'> {
  const { organisations } = personasFrom(textOfPersonas())
  const organisation = organisations.find((organisation) => organisation.name === name)
  if (!organisation) {
    const known = organisations.map(({ name }) => name).join(', ')
    throw new Error(`the organisation must be one of ${known}; got ${name === undefined ? 'nothing' : `"${name}"`}`)
  }
  const { fullName, voen } = organisation
  return { commonName: fullName, organisation: fullName, organisationIdentifier: `VATAZ-${voen}`, usage: 'seal' }
}
