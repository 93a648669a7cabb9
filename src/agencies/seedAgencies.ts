import { z } from 'zod'
import { byCode, codeInFile, provenanceInFile, wordsInFile } from '../shared/dataFile.js'
import { type Changes, type Ids, seedRows, type Transaction } from '../shared/seeding.js'
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

export async function seedAgencies(
  tx: Transaction,
  file: z.output<typeof agenciesFile>,
): Promise<{ ids: Ids; agencies: Changes; registries: Changes }> {
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
  return { ids: agencyRows.ids, agencies: agencyRows.changes, registries: registryRows.changes }
}
