import { environmentOf } from './database.js'
import { startServer } from './processes.js'

const major = Number(process.versions.node.split('.')[0])

/** The measured servers. Each gets its own form of a query, and its answers are converted to one form. */
const ways = {
  bare: {
    title: 'bare node:http, one SQL by hand',
    script: 'bare.js',
    request: (_, name) => ({ path: encodeURIComponent(name), body: {} }),
  },
  pencere: { title: 'this server', script: '../dist/main.js', request: graphql },
  usual: { title: 'the same libraries as usually written', script: 'usual.js', request: graphql },
  postgraphile: {
    title: 'PostGraphile 5',
    script: 'postgraphile.js',
    request: ({ postgraphile, variables }) => postgraphile && graphql({ query: postgraphile.query, variables }),
    made: ({ data }, { postgraphile }, wanted) => data && { data: postgraphile.made(data, wanted.data) },
  },
}
function graphql({ query, variables }) {
  return { path: 'graphql', body: { query, variables } }
}

/** Starts all of them, except PostGraphile if this Node is too old for it. */
export async function startWays(url) {
  const started = []
  const stop = () => Promise.all(started.map(({ server }) => server.stop()))
  try {
    for (const [at, [name, way]] of Object.entries(ways).entries()) {
      if (name === 'postgraphile' && major < 22) {
        console.log(`PostGraphile 5 requires Node 22 or later and is left out: this is Node ${process.version}.`)
        continue
      }
      const port = 4701 + at
      const server = await startServer(way.script, { port, environment: environmentOf(url) })
      started.push({ ...way, port, server })
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { started, stop }
}

export function requestOf({ port, request }, operation, name) {
  const asked = request(operation, name)
  return asked && { url: `http://127.0.0.1:${port}/${asked.path}`, body: JSON.stringify(asked.body) }
}

/** Each server's answer, once all are equal. Undefined for a server without this operation. */
export async function sameAnswers(started, operation, name) {
  let wanted
  const answers = new Map()
  for (const way of started) {
    const asked = requestOf(way, operation, name)
    if (!asked) continue
    const text = await ask(asked)
    const answer = JSON.parse(text)
    const made = way.made ? way.made(answer, operation, wanted) : answer
    wanted ??= made
    if (!made?.data || JSON.stringify(made) !== JSON.stringify(wanted))
      throw new Error(`${name}: every way must answer ${JSON.stringify(wanted)}; ${way.title}: ${text}`)
    answers.set(way, text)
  }
  return answers
}

export async function ask({ url, body }) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url} must answer 200; ${response.status}: ${text}`)
  return text
}
