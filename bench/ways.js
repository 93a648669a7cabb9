import { execFileSync } from 'node:child_process'
import { startServer } from './processes.js'

/** The measured servers. Each gets its own form of a query, and its answers are converted to one form. */
const ways = {
  bare: {
    title: 'bare node:http, one SQL by hand',
    script: 'bare.js',
    request: ({ name }, variables) => ({ path: encodeURIComponent(name), body: variables }),
  },
  pencere: {
    title: 'this server',
    script: '../dist/main.js',
    request: ({ query }, variables) => graphql(query, variables),
  },
  usual: {
    title: 'the same libraries as usually written',
    script: 'usual.js',
    request: ({ query, forUsual }, variables) => forUsual && graphql(query, variables),
  },
  postgraphile: {
    title: 'PostGraphile 5',
    script: 'postgraphile.js',
    oldestNode: 22,
    request: ({ postgraphile }, variables) =>
      postgraphile && graphql(postgraphile.query, postgraphile.variables?.(variables) ?? variables),
    made: ({ data }, { postgraphile }, wanted) => data && { data: postgraphile.made(data, wanted.data) },
  },
}
const graphql = (query, variables) => ({ path: 'graphql', body: { query, variables } })
export const allWays = Object.keys(ways)

/** Starts them. Leaves one out, and says so, if no Node is new enough for it. */
export async function startWays(names, environment) {
  const started = []
  const stop = () => Promise.all(started.map(({ server }) => server.stop()))
  try {
    for (const name of names) {
      const way = ways[name]
      const node = nodeFor(way.oldestNode ?? 20)
      if (!node) {
        console.log(`${way.title} is left out: it requires Node ${way.oldestNode}, and npm cannot install one here.`)
        continue
      }
      const port = 4701 + started.length
      const server = await startServer(way.script, { port, node, environment })
      started.push({ ...way, name, port, server })
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { started, stop }
}

/** This Node, or a newer one from npm. */
function nodeFor(oldest) {
  if (Number(process.versions.node.split('.')[0]) >= oldest) return process.execPath
  const program = ['-y', '-p', 'node@24', 'node', '-p', 'process.execPath']
  try {
    return execFileSync('npx', program, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 120_000,
    }).trim()
  } catch {
    return undefined
  }
}

/** Undefined for a server without this operation. */
export function requestOf({ port, request }, operation, variables, headers) {
  const asked = request(operation, variables)
  return (
    asked && {
      url: `http://127.0.0.1:${port}/${asked.path}`,
      body: JSON.stringify(asked.body),
      headers,
      method: 'POST',
    }
  )
}

/** Each server's request and answer, once all answers are equal in values and the order of keys. */
export async function sameAnswers(started, operation, variables, headers) {
  let wanted
  const asked = []
  for (const way of started) {
    const request = requestOf(way, operation, variables, headers)
    if (!request) continue
    const text = await ask(request)
    const answer = JSON.parse(text)
    const made = way.made ? way.made(answer, operation, wanted) : answer
    wanted ??= made
    const difference = made?.data ? differenceOf(JSON.stringify(wanted), JSON.stringify(made)) : text
    if (difference) throw new Error(`${operation.name}: all must answer the same; ${way.title}: ${difference}`)
    asked.push({ way, request, text })
  }
  if (isEmpty(wanted?.data))
    throw new Error(`${operation.name}: the answer must not be empty; it is ${JSON.stringify(wanted)}`)
  return asked
}

/** Where two texts begin to differ. Undefined if they do not. */
export function differenceOf(wanted, text) {
  if (text === wanted) return undefined
  let at = 0
  while (text[at] === wanted[at]) at++
  const around = (whole) => whole.slice(Math.max(0, at - 100), at + 100)
  return `${around(wanted)} was wanted; ${around(text)} came`
}

const isEmpty = (data) => Object.values(data ?? {}).every((root) => root === null || root.nodes?.length === 0)

async function ask({ url, ...request }) {
  const response = await fetch(url, request)
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url} must answer 200; ${response.status}: ${text}`)
  return text
}
