import { readFile } from 'node:fs/promises'

export interface Example {
  name: string
  query: string
  /** JSON, in which AN_ID stands for the id of a service. */
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
  'CatalogueChanges',
  'Viewer',
]

/** Operations that stand ready in the explorer's tabs; the tests of clients compile and run the same. */
export const readExamples = (): Promise<Example[]> =>
  Promise.all(
    named.map(async (name) => ({
      name,
      query: await readFile(new URL(`${name}.graphql`, folder), 'utf8'),
      ...(await readFile(new URL(`${name}.variables.json`, folder), 'utf8').then(
        (variables) => ({ variables }),
        () => ({}), // it takes none
      )),
    })),
  )
