import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildSchema, Kind, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { reasons as signatureReasons } from '../src/applications/submission/signature.errors.js'
import { tableOfChanges } from '../src/changes/changeTable.js'
import { variables } from '../src/config.js'
import { eventTypes } from '../src/domains.js'
import { exchangeFrom } from '../src/exchange/registries/exchange.settings.js'
import { disbeliefs } from '../src/identity/signIn/authorization.js'
import { issuersFrom } from '../src/identity/signIn/issuer.js'
import { personasOf, programsOf } from '../src/sandbox/personas.js'
import { tableOf } from '../src/variableTable.js'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/accounting/README.md',
  ...readdirSync('docs', { recursive: true }).map((page) => join('docs', String(page))),
].filter((page) => page.endsWith('.md'))

describe('The documentation', () => {
  it.each(pages)('links from %s to existing files alone', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, link]) => link as string,
    )
    expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([])
  })

  const contract = buildSchema(readFileSync('schema.graphql', 'utf8'))
  it.each(pages)('has GraphQL in %s that fits the schema', (page) => {
    const blocks = [...readFileSync(page, 'utf8').matchAll(/^```graphql\n([\s\S]*?)^```$/gm)]
    const operations = blocks.flatMap(([, text = '']) => [...parse(text).definitions])
    // A block may have several operations without names.
    const wrong = operations.flatMap((operation) =>
      validate(contract, { kind: Kind.DOCUMENT, definitions: [operation] }).map(({ message }) => message),
    )
    expect(wrong).toEqual([])
  })

  it('describes every environment variable as it is declared', () => {
    expect(readFileSync('docs/configuration.md', 'utf8')).toContain(`\n\n${tableOf(variables)}\n`)
  })

  it('describes every type of change as it is declared', () => {
    expect(readFileSync('docs/changes.md', 'utf8')).toContain(`\n\n${tableOfChanges(eventTypes)}`)
  })

  it('describes every persona and every reason to refuse a token, with a valid configuration of issuers', () => {
    const told = readFileSync('docs/signing-in.md', 'utf8')
    const names = [...personasOf(), ...programsOf()].map(({ name }) => name)
    expect([...names, ...Object.keys(disbeliefs)].filter((name) => !told.includes(`\`${name}\``))).toEqual([])
    const [example = ''] = [...told.matchAll(/```json\n(\[[\s\S]*?)```/g)].map(([, json]) => json)
    expect(issuersFrom(example)).toHaveLength(2)
  })

  it('has a valid example of exchange settings, except for the certificates', () => {
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync('docs/exchange.md', 'utf8')) ?? []
    const shown = JSON.parse(example)
    delete shown.securityServer.tls
    expect(Object.keys(exchangeFrom(JSON.stringify(shown)).registries)).toEqual(['POPULATION', 'FINES', 'AVIS'])
  })

  it('describes every reason to refuse a signature, with a valid trust list', () => {
    const told = readFileSync('docs/signatures.md', 'utf8')
    const reasons = Object.values(signatureReasons).map((reason) => `\`${reason}\``)
    expect(reasons.filter((reason) => !told.includes(reason))).toEqual([])
    const sources = [
      'src/documents/signatures/certificate.rules.ts',
      'src/documents/signatures/signature.rules.ts',
      'src/documents/signatures/openTrust.ts',
    ]
    const whys = sources.flatMap((path) => [
      ...readFileSync(path, 'utf8').matchAll(/(?:why: |untrusted\(|unreadable\()'(\w+)'/g),
    ])
    expect(whys.length).toBeGreaterThan(15)
    expect(whys.map(([, why]) => why).filter((why) => !told.includes(`\`${why}\``))).toEqual([])
    const [example = ''] = [...told.matchAll(/```json\n(\[[\s\S]*?)```/g)].map(([, json]) => json)
    expect(JSON.parse(example)).toHaveLength(2)
  })
})
