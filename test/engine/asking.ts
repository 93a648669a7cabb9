import { ApolloServer } from '@apollo/server'
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql'
import { type Answered, answersOf } from '../../src/engine/answer.js'
import { apolloOf } from '../../src/engine/apollo.js'
import type { Request } from '../../src/engine/declare.js'
import type { MeterOf } from '../../src/engine/rates.js'

export interface Asking {
  query: string
  variables?: Record<string, unknown>
  operationName?: string
}
export interface Answer {
  data?: any
  errors: { code: unknown; path: readonly (string | number)[]; message: string }[]
}
export type Ask<Context> = (asking: Asking, context: Context) => Promise<Answer>

const silent = { error() {} }
/** Asks a schema as the product is asked, but for HTTP. */
export const askerOf = <Context extends Request>(schema: GraphQLSchema, meterOf?: MeterOf): Ask<Context> =>
  throughApollo(apolloOf<Context>(schema, silent, meterOf))
/** Asks a schema by an Apollo that nobody has touched. */
export const plainAskerOf = <Context extends Request>(schema: GraphQLSchema): Ask<Context> =>
  throughApollo(new ApolloServer<Context>({ schema, stopOnTerminationSignals: false }))

/** The same, by one statement where an operation fits: once Apollo has seen its document. Counts those. */
export function answererOf<Context extends Request>(schema: GraphQLSchema, meterOf?: MeterOf) {
  const { answer, plugin } = answersOf(schema, silent, { meterOf })
  const ask = throughApollo(apolloOf<Context>(schema, silent, meterOf, [plugin]))
  const counted = { answered: 0 }
  const way: Ask<Context> = async (asking, context) => {
    const answered = await answer(asking, context)
    if (!answered) return await ask(asking, context)
    counted.answered++
    const { data, errors = [] } = JSON.parse(received(answered))
    return { ...(data === undefined ? {} : { data }), errors: errors.map(essenceOf) }
  }
  return { way, counted }
}

/** As a client reads what is sent. */
export const received = ({ body }: Answered): string => Buffer.from(body, 'latin1').toString()

type Told = Pick<GraphQLFormattedError, 'extensions' | 'path' | 'message'>
const essenceOf = ({ extensions, path = [], message }: Told) => ({ code: extensions?.code, path, message })

function throughApollo<Context extends Request>(apollo: ApolloServer<Context>): Ask<Context> {
  return async (asking, contextValue) => {
    const { body } = await apollo.executeOperation(asking, { contextValue })
    if (body.kind !== 'single') throw new Error('One answer was required; it came in parts.')
    const { data, errors = [] } = body.singleResult
    return { ...(data === undefined ? {} : { data }), errors: errors.map(essenceOf) }
  }
}
