import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { relayFaults } from './relayFaults.js'

const sound = `
  interface Node { id: ID! }
  type Query { services(first: Int, after: String, last: Int, before: String): ServiceConnection names: [String!] }
  type ServiceConnection { edges: [ServiceEdge!]! nodes: [Service!]! pageInfo: PageInfo! totalCount: Int }
  type ServiceEdge { node: Service! cursor: String! }
  type Service implements Node { id: ID! fees: [Fee!]! }
  type Fee { amount: String }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }`

describe('relayFaults', () => {
  it('accepts a connection as in the specification, beside nodes and plain lists', () => {
    expect(relayFaults(buildSchema(sound))).toEqual([])
  })

  it.each([
    ['first: Int, ', '', 'Query.services: first must be an Int; it is undefined'],
    ['last: Int', 'last: String', 'Query.services: last must be an Int; it is String'],
    [', before: String', '', 'Query.services: before must be a cursor'],
    ['after: String', 'after: [String]', 'Query.services: after must be a cursor'],
    ['edges: [ServiceEdge!]! ', '', 'ServiceConnection: edges must be a list of an object type; it is undefined'],
    ['edges: [ServiceEdge!]!', 'edges: ServiceEdge', 'ServiceConnection: edges must be a list of an object type'],
    ['pageInfo: PageInfo!', 'pageInfo: PageInfo', 'ServiceConnection: pageInfo must be PageInfo!; it is PageInfo'],
    [/ServiceEdge/g, 'ServiceItem', 'ServiceConnection: its edge must be named …Edge; it is ServiceItem'],
    [/ServiceConnection/g, 'ServicePage', 'ServicePage: what has edges and pageInfo must be named …Connection'],
    ['node: Service!', 'node: [Service]', 'ServiceConnection: node of its edge must be one thing'],
    ['node: Service! ', '', 'ServiceConnection: node of its edge must be one thing; it is undefined'],
    ['Service implements Node', 'Service', 'ServiceConnection: node of its edge must implement Node; Service does not'],
    ['cursor: String!', 'cursor: Service', 'ServiceConnection: cursor of its edge must be a scalar; it is Service'],
    ['hasNextPage: Boolean!', 'hasNextPage: Boolean', 'PageInfo: hasNextPage must be Boolean!; it is Boolean'],
    ['endCursor: String', 'endCursor: String!', 'PageInfo: endCursor must be a scalar and may be null; it is String!'],
    [/PageInfo/g, 'Page', 'PageInfo: must be an object type; it is undefined'],
    [
      'type Fee {',
      'union OtherConnection = Fee type Fee {',
      'OtherConnection: what is named …Connection must be an object',
    ],
  ])('reports a schema with %s replaced by "%s"', (was, is, fault) => {
    expect(relayFaults(buildSchema(sound.replace(was, is)))).toContainEqual(expect.stringContaining(fault))
  })
})
