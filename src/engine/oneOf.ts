import { type GraphQLSchema, isInputObjectType } from 'graphql'
import { Extensions } from 'type-graphql'

/** Exactly one field of the input must be given: `@oneOf`, which type-graphql does not know. Its fields are nullable. */
export const OneOf = (): ClassDecorator => Extensions({ oneOf: true }) as ClassDecorator // for a class too

/** Marks the types before anything reads the schema. */
export function markOneOf(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()).filter(isInputObjectType))
    if (type.extensions.oneOf) type.isOneOf = true
}
