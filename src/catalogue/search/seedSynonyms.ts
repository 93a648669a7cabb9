import { z } from 'zod'
import { byCode, codeInFile } from '../../platform/dataFile.js'
import { type Changes, seedRows, type Transaction } from '../../platform/seeding.js'
import { fold } from './folding.js'
import { searchSynonyms } from './searchSynonym.table.js'

const words = z.string().refine((text) => fold(text) !== '', 'words of letters or digits')
export const synonymsFile = z.strictObject({
  synonyms: byCode(
    z.strictObject({
      code: codeInFile,
      said: z.array(words).min(1),
      // Each query matches words by their beginnings.
      means: z.array(words).min(1),
      note: z.string().min(1),
    }),
  ),
})

export async function seedSynonyms(
  tx: Transaction,
  { synonyms }: z.output<typeof synonymsFile>,
): Promise<{ synonyms: Changes }> {
  const { changes } = await seedRows(tx, searchSynonyms, synonyms, ({ said, means, note }) => ({
    said: said.map(fold),
    means: means.map(fold),
    note,
  }))
  return { synonyms: changes }
}
