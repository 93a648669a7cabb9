import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql'

export interface Parsed {
  schema: GraphQLSchema
  document: DocumentNode
  operation: OperationDefinitionNode
}
/** What the engine tells the server about the operation of a request. */
export interface About {
  parsed?: Parsed
  /** What the operation costs its caller. */
  points?: number
  /** How a known query was answered: a misfit is asked again of resolvers. */
  by?: 'statement' | 'resolvers'
}

/** Without effect in a context that nobody asks about. */
export function note({ about }: { about?: About }, known: About): void {
  if (about) Object.assign(about, known)
}

/** The name that the client gave to its operation: graphql allows letters, digits and underscores, of any length. */
export const nameOfOperation = ({ parsed }: About): string | undefined =>
  parsed?.operation.name?.value.slice(0, longestName)
const longestName = 60
