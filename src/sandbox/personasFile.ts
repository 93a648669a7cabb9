import { z } from 'zod'
import { MandateKind, Power } from '../identity/mandates/mandate.table.js'
import { OfficerRole } from '../identity/officers/appointment.table.js'
import { SubjectKind } from '../identity/parties/identity.table.js'
import { codeInFile, parseDataFile } from '../platform/dataFile.js'
import { agencyProgramScopes, allProgramScopes, programScopes } from '../shared/context.js'
import { readVoen } from '../shared/identifiers/voen.js'
import { appointmentInFile, nameInFile as name, personasPath, personInFile, programInFile } from './personas.js'

const organisation = z.strictObject({
  name,
  fullName: z.string(),
  voen: z.string().refine((text) => 'value' in readVoen(text), { error: 'a VÖEN that adds up' }),
})

const mandate = z.strictObject({
  principal: name,
  holder: name,
  kind: z.enum(MandateKind),
  powers: z.array(z.enum(Power)).min(1),
  validFrom: z.iso.date(),
  validTo: z.iso.date().optional(),
  /** The head of the principal who granted it. Omitted if a register reports it. */
  grantedBy: name.optional(),
})

const appointment = z.strictObject({ ...appointmentInFile.shape, roles: z.array(z.enum(OfficerRole)).min(1) })

const program = z.strictObject({
  ...programInFile.shape,
  /** Either this or the agency. */
  organisation: name.optional(),
  agency: codeInFile.optional(),
  scopes: z.array(z.enum(allProgramScopes)).min(1),
})
/** Whether it has one owner, and scopes for that kind of owner. */
function fits({ organisation, agency, scopes }: z.output<typeof program>): boolean {
  const allowed: readonly string[] = agency ? agencyProgramScopes : programScopes
  return (organisation === undefined) !== (agency === undefined) && scopes.every((scope) => allowed.includes(scope))
}

const personasFile = z
  .strictObject({
    persons: z.array(personInFile),
    organisations: z.array(organisation),
    programs: z.array(program),
    mandates: z.array(mandate),
    appointments: z.array(appointment),
  })
  .superRefine((file, context) => {
    const { persons, organisations, programs, mandates, appointments } = file
    const parties = namesOf([...persons, ...organisations])
    const officers = namesOf(persons.filter(({ kind }) => kind === SubjectKind.OFFICER))
    const isHead = (holder: string, of: string) =>
      mandates.some(({ kind, ...head }) => kind === MandateKind.HEAD && head.holder === holder && head.principal === of)
    const all = [...parties, ...namesOf(programs)]
    const faults: [string, string | undefined][] = [
      ['a name that is given once', all.find((name, at) => all.indexOf(name) < at)],
      [
        'a person or an organisation',
        without(
          parties,
          mandates.flatMap(({ principal, holder }) => [principal, holder]),
        ),
      ],
      [
        'an officer',
        without(
          officers,
          appointments.map(({ officer }) => officer),
        ),
      ],
      [
        'an organisation',
        without(
          namesOf(organisations),
          programs.flatMap(({ organisation }) => organisation ?? []),
        ),
      ],
      ['one owner, and scopes for it', programs.find((program) => !fits(program))?.name],
      [
        'the head of the principal',
        mandates.find(({ grantedBy, principal }) => grantedBy && !isHead(grantedBy, principal))?.grantedBy,
      ],
    ]
    for (const [message, input] of faults) if (input) context.addIssue({ code: 'custom', input, message })
  })
export type PersonasFile = z.output<typeof personasFile>

const namesOf = (all: { name: string }[]) => all.map(({ name }) => name)
const without = (known: string[], names: string[]) => names.find((name) => !known.includes(name))

export const personasFrom = (text: string): PersonasFile => parseDataFile(personasPath, text, personasFile)
