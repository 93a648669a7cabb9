import { GraphQLScalarType } from 'graphql'
import { GraphQLLocalDate } from 'graphql-scalars'

export const LegalDate = new GraphQLScalarType<string, string>({
  ...GraphQLLocalDate.toConfig(),
  name: 'Date',
  description: 'A legal date, YYYY-MM-DD, in Asia/Baku.',
})
