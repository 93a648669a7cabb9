import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { readExamples } from './examples.js'
import { page, script, style } from './page.js'

/** Allows the explorer its own files, and requests to its own origin. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // The hash is that of the style that stops scrolling under an open dialog.
  "style-src 'self' 'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='",
  "img-src 'self' data:",
  'font-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const packaged = {
  'react.js': ['react', 'umd/react.production.min.js'],
  'react-dom.js': ['react-dom', 'umd/react-dom.production.min.js'],
  'graphiql.js': ['graphiql', 'graphiql.min.js'],
  'graphiql.css': ['graphiql', 'graphiql.min.css'],
} as const

function ofPackage([name, file]: readonly [string, string]) {
  // React's `exports` do not list its bundles, so they are found beside its package.json.
  const root = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
  return readFile(join(root, file))
}

/** Loads all files of the page. Their path has a hash of their content, so that browsers may cache them forever. */
async function load(path: string) {
  const contents = await Promise.all(Object.values(packaged).map(ofPackage))
  const plain = new Map<string, Buffer>([
    ...Object.keys(packaged).map((name, i): [string, Buffer] => [name, contents[i] as Buffer]),
    ['page.js', Buffer.from(script({ path, examples: await readExamples() }))],
    ['page.css', Buffer.from(style)],
  ])
  const hash = createHash('sha256')
  for (const content of plain.values()) hash.update(content)
  const base = `${path}/explorer/${hash.digest('hex').slice(0, 16)}`
  const zipped = [...plain].map(async ([name, content]) => [`${base}/${name}`, await promisify(gzip)(content)] as const)
  const named = (extension: string) =>
    [...plain.keys()].filter((name) => name.endsWith(extension)).map((name) => `${base}/${name}`)
  return { html: page(named('.js'), named('.css')), files: new Map<string, Buffer>(await Promise.all(zipped)) }
}

/**
 * A page for trying the API, at the API's own address. Files are loaded on the first request. `routes` is a Fastify plugin
 * for the page's files; `send` answers a browser that opens `path`.
 */
export function explorer(path: string) {
  let loaded: ReturnType<typeof load> | undefined
  const loadOnce = () => (loaded ??= load(path))

  async function routes(app: FastifyInstance) {
    app.get(`${path}/explorer/*`, async ({ url }, reply) => {
      const file = (await loadOnce()).files.get(url)
      if (!file) return reply.callNotFound()
      return reply
        .type(url.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8')
        .headers({ 'content-encoding': 'gzip', 'cache-control': 'public, max-age=31536000, immutable' })
        .send(file)
    })
  }

  async function send(reply: FastifyReply) {
    const { html } = await loadOnce()
    return reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-cache', vary: 'Accept' })
      .send(html)
  }

  return { routes, send }
}
