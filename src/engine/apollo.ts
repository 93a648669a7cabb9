import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache'
import { type GraphQLSchema, MaxIntrospectionDepthRule } from 'graphql'
import { formatted } from './errors.js'
import { limits, limitsPlugin, limitsRule } from './limits.js'
import type { MeterOf } from './rates.js'

interface Log {
  error(what: object, message: string): void
}

/** Apollo with limits and masked errors. */
export const apolloOf = <Context extends BaseContext>(
  schema: GraphQLSchema,
  log: Log,
  meterOf?: MeterOf,
  plugins: ApolloServerPlugin<BaseContext>[] = [],
) =>
  new ApolloServer<Context>({
    schema,
    plugins: [ApolloServerPluginCacheControlDisabled(), limitsPlugin(meterOf), legacyStatusPlugin, ...plugins],
    formatError: formatted(log),
    includeStacktraceInErrorResponses: false,
    introspection: true,
    // Safe: callers are identified by a header, never by a cookie that a browser adds by itself.
    csrfPrevention: false,
    persistedQueries: false, // a cache that anybody could fill
    documentStore: new InMemoryLRUCache({
      maxSize: 8 * 2 ** 20,
      sizeCalculation: (document) => JSON.stringify(document).length,
    }),
    stopOnTerminationSignals: false,
    validationRules: [MaxIntrospectionDepthRule, limitsRule],
    parseOptions: { maxTokens: limits.tokens, maxSourceLength: limits.document },
    validationOptions: { maxErrors: limits.validationErrors },
    executionOptions: { maxCoercionErrors: limits.coercionErrors },
  })

/** GraphQL over HTTP: a client that only accepts `application/json` gets status 200 for an invalid document. */
const legacyStatusPlugin: ApolloServerPlugin<BaseContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ response, request }) {
        const { body, http } = response
        if (body.kind !== 'single' || 'data' in body.singleResult) return
        if (request.http?.headers.get('accept')?.includes('application/graphql-response+json')) return
        const codes = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']
        const { errors = [] } = body.singleResult
        if (errors.every(({ extensions }) => codes.includes(String(extensions?.code)))) http.status = 200
      },
    }
  },
}
