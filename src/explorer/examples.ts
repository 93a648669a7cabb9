export interface Example {
  query: string
  /** JSON, in which AN_ID stands for the id of a service. */
  variables?: string
}

/** Operations that stand ready in the explorer's tabs. A test holds each to the contract. */
export const examples: Example[] = [
  {
    query: `# In your own language.
# For another, put az, en or ru under Headers.
query Catalogue($after: String) {
  services(first: 20, after: $after) {
    totalCount
    nodes {
      code
      name
      agency {
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  },
  {
    query: `# What a service costs, how long it takes.
# An amount of null is not known, not free.
query OneService($code: String!) {
  service(code: $code) {
    names {
      az
      en
      ru
    }
    audiences
    version {
      validFrom
      fees {
        variant
        money {
          amount
          currency
        }
        due
        confidence
      }
      processingTerms {
        variant
        value
        unit
      }
    }
  }
}
`,
    variables: '{\n  "code": "DIN-ID-ISSUE"\n}',
  },
  {
    query: `# The agencies, each with some of its services.
query Agencies {
  agencies(first: 10) {
    nodes {
      code
      name
      type
      services(first: 3) {
        totalCount
        nodes {
          name
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Whatever has an id is found by it.
query ById($id: ID!) {
  node(id: $id) {
    __typename
    id
    ... on Service {
      name
      status
    }
    ... on Agency {
      name
      website
    }
  }
}
`,
    variables: '{\n  "id": "AN_ID"\n}',
  },
]
