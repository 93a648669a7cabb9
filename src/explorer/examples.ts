import { readFile } from 'node:fs/promises'

export interface Example {
  name: string
  query: string
  /** JSON. AN_ID is replaced by the ID of a service. */
  variables?: string
}

const folder = new URL('../../src/explorer/operations/', import.meta.url)
const named = [
  'Catalogue',
  'Search',
  'Service',
  'Form',
  'Agencies',
  'LifeEvents',
  'Deadline',
  'ById',
  'Filings',
  'FindCharge',
  'CatalogueChanges',
  'Viewer',
]

/** The operations in the explorer's tabs. Tests of clients compile and run them too. */
export const readExamples = (): Promise<Example[]> =>
  Promise.all(
    named.map(async (name) => ({
      name,
      query: await readFile(new URL(`${name}.graphql`, folder), 'utf8'),
      ...(await readFile(new URL(`${name}.variables.json`, folder), 'utf8').then(
        (variables) => ({ variables }),
        () => ({}), // no variables
      )),
    })),
  )
