import { seed } from '../../src/seed.js'
import { cloneDatabase, emptyCatalogue, type TestDatabase } from './database.js'
import { changedFiles, type DataFiles, keepServices } from './dataFiles.js'

/** A service with many fees, one without a form, and one with a form and a process. */
export const smallCodes = ['DIN-PASSPORT', 'GOV-ESIGN', 'ED-MARRIAGE']

/** The data files of three services. They are seeded in milliseconds. */
export const smallFiles = (change: (files: DataFiles) => void = () => {}) =>
  changedFiles((files) => {
    keepServices(files, smallCodes)
    change(files)
  })

/** A test file's own database in which only these three services are seeded. */
export async function cloneSmallDatabase(): Promise<TestDatabase> {
  const database = await cloneDatabase()
  await emptyCatalogue(database)
  await seed(database, smallFiles())
  return database
}
