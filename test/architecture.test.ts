import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { domains } from '../src/domains.js'

const foundation = ['platform', 'shared', 'events']
/** Each may use those before it. The engine stands apart: all may use it, and it uses nothing but itself. */
const order = [...foundation, ...domains.map(({ name }) => name).filter((name) => !foundation.includes(name))]
const known = ['engine', 'explorer', 'sandbox', ...order]

interface Source {
  path: string
  text: string
}

/** TypeScript 7 has no JavaScript API, so imports are read as text: `from '…'`, `import '…'`, `import('…')`. */
function importsOf({ path, text }: Source) {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, to]) =>
    normalize(join(dirname(path), to as string)).replace(/\.js$/, '.ts'),
  )
}

/** The second passes two variables on to the embedded PostgreSQL, which is no part of the configuration. */
const environment = ['src/config.ts', 'src/platform/bareEnvironment.ts']

/** The folder below src; a file of src itself has none. */
const folderOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1]

function importFault(path: string, to: string) {
  const from = folderOf(path)
  const target = folderOf(to)
  if (target === from) return
  if (target === 'sandbox')
    return ['src/start.ts', 'src/reconcile.ts'].includes(path)
      ? undefined
      : 'only start.ts and reconcile.ts import sandbox'
  if (!from) return
  if (from === 'engine') return 'engine imports only engine'
  if (!target) {
    if (from === 'sandbox' && to === 'src/config.ts') return
    return from === 'sandbox'
      ? 'of the files of src itself, sandbox imports config.ts only'
      : `${from} imports no file of src itself`
  }
  if (target === 'engine') return
  if (from === 'explorer' || target === 'explorer') return 'explorer stands alone, for server.ts'
  if (from !== 'sandbox' && order.indexOf(target) > order.indexOf(from)) return `${target} comes after ${from}`
  if (to.endsWith('/index.ts')) return 'a domain imports files of another, never its index.ts'
}

function faults(sources: Source[]) {
  return sources.flatMap((source) => {
    const { path, text } = source
    const folder = folderOf(path)
    return [
      ...(folder && !known.includes(folder) ? [`the folder ${folder} has no place in the order`] : []),
      ...importsOf(source).flatMap((to) => (importFault(path, to) ? [`${to}: ${importFault(path, to)}`] : [])),
      ...(!environment.includes(path) && /\bprocess\.env\b/.test(text) ? ['only config.ts reads process.env'] : []),
      // A cancel of postgres.js under pipelining kills a neighbour's statement.
      ...(/\.cancel\(/.test(text) ? ['a statement ends by statement_timeout, never by .cancel('] : []),
    ].map((fault) => `${path}: ${fault}`)
  })
}

const sourcesOf = (folder: string): Source[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(folder, path), 'utf8') }))

describe('The order of the folders', () => {
  it('is kept by every source', () => {
    const sources = sourcesOf('src')
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(20)
    expect(faults(sources)).toEqual([])
  })

  it.each([
    [
      'an import of a later domain',
      'src/catalogue/x.ts',
      `import { a } from '../applications/a.js'`,
      'applications comes after catalogue',
    ],
    [
      'a type import',
      'src/agencies/x.ts',
      `import type { A } from '../catalogue/a.js'`,
      'catalogue comes after agencies',
    ],
    ['a re-export', 'src/shared/x.ts', `export * from '../events/a.js'`, 'events comes after shared'],
    ['a dynamic import', 'src/exchange/x.ts', `await import('../catalogue/a.js')`, 'catalogue comes after exchange'],
    ['an import without names', 'src/exchange/x.ts', `import '../catalogue/a.js'`, 'catalogue comes after exchange'],
    [
      "an import of another domain's index",
      'src/applications/x.ts',
      `import { a } from '../catalogue/index.js'`,
      'never its index.ts',
    ],
    [
      'an import in a deeper folder',
      'src/events/a/x.ts',
      `import { a } from '../../applications/a.js'`,
      'applications comes after events',
    ],
    [
      'an import of shared in the engine',
      'src/engine/x.ts',
      `import { a } from '../shared/a.js'`,
      'engine imports only engine',
    ],
    [
      'an import of the configuration in the engine',
      'src/engine/x.ts',
      `import { a } from '../config.js'`,
      'engine imports only engine',
    ],
    [
      'an import of the server in a domain',
      'src/applications/x.ts',
      `import { a } from '../server.js'`,
      'applications imports no file of src itself',
    ],
    [
      'an import of the whole configuration in a domain',
      'src/applications/x.ts',
      `import { a } from '../config.js'`,
      'applications imports no file of src itself',
    ],
    [
      'an import of the server in the sandbox',
      'src/sandbox/x.ts',
      `import { a } from '../server.js'`,
      'sandbox imports config.ts only',
    ],
    [
      'an import of the sandbox in the server',
      'src/server.ts',
      `import { a } from './sandbox/a.js'`,
      'only start.ts and reconcile.ts import sandbox',
    ],
    [
      'an import of the sandbox in a domain',
      'src/applications/x.ts',
      `import { a } from '../sandbox/a.js'`,
      'only start.ts and reconcile.ts import sandbox',
    ],
    [
      'an import of a domain in the explorer',
      'src/explorer/x.ts',
      `import { a } from '../applications/a.js'`,
      'explorer stands alone',
    ],
    ['a folder without a place in the order', 'src/helpers/x.ts', '', 'no place in the order'],
    [
      'a read of the environment outside config.ts',
      'src/applications/x.ts',
      'const a = process.env.A',
      'only config.ts reads process.env',
    ],
    ['a cancelled statement', 'src/applications/x.ts', 'query.cancel()', 'never by .cancel('],
  ])('reports %s', (_, path, text, fault) => {
    expect(faults([{ path, text }])).toEqual([expect.stringContaining(fault)])
  })

  it.each([
    [
      'src/applications/x.ts',
      `import { a } from '../catalogue/a.js'\nimport { b } from './index.js'\nimport { c } from '../engine/c.js'`,
    ],
    ['src/sandbox/x.ts', `import { a } from '../config.js'\nimport { z } from 'zod'`],
    ['src/start.ts', `import { a } from './sandbox/a.js'\nimport { b } from './server.js'`],
    ['src/domains.ts', `import { a } from './applications/index.js'`],
    ['src/config.ts', 'const a = process.env.A'],
  ])('allows the imports of %s', (path, text) => {
    expect(faults([{ path, text }])).toEqual([])
  })
})

describe('A start with unchanged data files', () => {
  it('does not load what compiles forms', () => {
    const reached = new Set<string>()
    const reach = (path: string) => {
      if (reached.has(path)) return
      reached.add(path)
      if (!path.startsWith('src/')) return
      const imports = readFileSync(path, 'utf8').matchAll(/^(?:import(?! type)|} from|export \*).*'([^']+)'$/gm)
      for (const [, to = ''] of imports)
        reach(to.startsWith('.') ? join(dirname(path), to).replace(/\.js$/, '.ts') : to)
    }
    // start.ts imports both dynamically, by its role.
    reach('src/start.ts')
    reach('src/api.ts')
    reach('src/worker.ts')
    expect([...reached]).toContain('src/catalogue/forms/form.ts')
    expect([...reached].filter((path) => /^ajv|form(Files|\.rules)\.ts$/.test(path))).toEqual([])
  })
})
