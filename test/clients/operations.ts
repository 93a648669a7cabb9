import { readExamples } from '../../src/explorer/examples.js'
import type { Ask } from '../support/api.js'

/** The operations that clients are shown in the explorer, with their variables ready to be sent. */
export async function operations(ask: Ask) {
  const { data } = await ask('{ services(first: 1) { nodes { id } } }')
  const [{ id }] = data.services.nodes
  return (await readExamples()).map(({ name, query, variables = '{}' }) => ({
    name,
    query,
    variables: JSON.parse(variables.replace('AN_ID', id)) as Record<string, unknown>,
  }))
}
