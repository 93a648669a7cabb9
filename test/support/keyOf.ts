import { parseNodeId } from '../../src/engine/node.js'

/** The key of the row that a node id names. */
export function keyOf(id: string): string {
  const parsed = parseNodeId(id)
  if (!parsed) throw new Error(`${id} is no node id`)
  return parsed.key
}
