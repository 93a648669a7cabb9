import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs', { recursive: true }).map((page) => join('docs', String(page))),
].filter((page) => page.endsWith('.md'))

it.each(pages)('%s leads to files that exist', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link as string)
  expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([])
})

it('docs/configuration.md has a line for every name that is read', () => {
  const names = [...readFileSync('src/config.ts', 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name)
  const told = readFileSync('docs/configuration.md', 'utf8')
  expect(names.length).toBeGreaterThan(5)
  expect(names.filter((name) => !told.includes(`\`${name}\``))).toEqual([])
})
