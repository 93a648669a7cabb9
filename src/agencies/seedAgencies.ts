import { z } from 'zod'
import { record } from '../events/record.js'
import { byCode, codeInFile, provenanceInFile, wordsInFile } from '../platform/dataFile.js'
import { type Changes, type Ids, seedRows, type Transaction } from '../platform/seeding.js'
import { AgencyType, agencies } from './agency.table.js'
import { registries } from './registry.table.js'

const registryInFile = z.strictObject({
  code: codeInFile,
  name: wordsInFile,
  purpose: wordsInFile.nullable(),
  ...provenanceInFile,
})

const agencyInFile = z.strictObject({
  code: codeInFile,
  type: z.enum(AgencyType),
  parent: codeInFile.nullable(),
  name: wordsInFile,
  website: z.string().nullable(),
  ...provenanceInFile,
  registries: byCode(registryInFile),
})

export const agenciesFile = z
  .strictObject({ compiledOn: z.iso.date(), agencies: byCode(agencyInFile) })
  .superRefine(({ agencies }, context) => {
    const codes = new Set(agencies.map(({ code }) => code))
    for (const [index, { parent }] of agencies.entries()) {
      if (parent && !codes.has(parent)) {
        const path = ['agencies', index, 'parent']
        context.addIssue({ code: 'custom', path, input: parent, message: 'the code of an agency in this file' })
      }
    }
  })

// The cast: seedRows assigns an ID to every code of the file.
const happened = (type: string, id: string | undefined) => ({
  domain: 'agencies',
  type,
  subject: id as string,
  agencyId: id as string,
  at: new Date(),
  actor: 'seed',
})

export async function seedAgencies(
  tx: Transaction,
  file: z.output<typeof agenciesFile>,
): Promise<{ ids: { agencies: Ids; registries: Ids }; agencies: Changes; registries: Changes }> {
  const agencyRows = await seedRows(tx, agencies, file.agencies, ({ code, registries, parent, ...lasting }, ids) => ({
    ...lasting,
    parentId: parent && ids.get(parent),
  }))
  const held = file.agencies.flatMap(({ code: agency, registries }) =>
    registries.map((registry, position) => ({ ...registry, agency, position })),
  )
  const registryRows = await seedRows(tx, registries, held, ({ code, agency, ...lasting }) => ({
    ...lasting,
    agencyId: agencyRows.ids.get(agency),
  }))
  const { ids, changes } = agencyRows
  const ofRegistries = new Set([...registryRows.changes.added, ...registryRows.changes.renewed])
  const changed = new Set([
    ...changes.renewed,
    ...held
      .filter(({ code, agency }) => ofRegistries.has(code) && !changes.added.includes(agency))
      .map(({ agency }) => agency),
  ])
  await record(tx, [
    ...changes.added.map((code) => happened('agency.registered', ids.get(code))),
    ...[...changed].map((code) => happened('agency.changed', ids.get(code))),
  ])
  return {
    ids: { agencies: ids, registries: registryRows.ids },
    agencies: changes,
    registries: registryRows.changes,
  }
}
