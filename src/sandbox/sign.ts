import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import canonicalize from 'canonicalize'
import { CompactSign } from 'jose'
import { type Config, configFrom } from '../config.js'
import { filingSignatureType, signatureType } from '../documents/signatures/signature.rules.js'
import { MandateKind } from '../identity/mandates/mandate.table.js'
import { authorityOf, type ToCertify } from './authority.js'
import { personasOf, textOfPersonas } from './personas.js'
import { personasFrom } from './personasFile.js'
import { sealOf } from './seal.js'
import { hasAuthority } from './standIns.js'

export interface Signer {
  persona: string | undefined
  /** Signs with an organisation's seal, if the persona holds it. */
  organisation?: string | undefined
  /** Uses an invalid certificate: expired a moment ago, or revoked. */
  spoilt?: 'expired' | 'revoked' | undefined
}
type Sandbox = Pick<Config, 'mode' | 'trustList' | 'dataDir'>

/** A detached JWS over the payload of an application, a filing or a batch of filings, with a newly certified key. */
export async function signedBy(signer: Signer, given: string, config: Sandbox): Promise<string> {
  if (!hasAuthority(config))
    throw new Error(
      'sign is for a sandbox whose own authority is believed; MODE is production, or TRUST_LIST names others',
    )
  const certified = certifiedFor(signer)
  const { payload, typ } = payloadIn(given)
  const authority = await authorityOf(config.dataDir)
  // Certificates are valid from yesterday.
  const { key, chain } = await authority.issue({ ...certified, days: signer.spoilt === 'expired' ? -0.5 : 1 })
  if (signer.spoilt === 'revoked') authority.revoke(chain[0] as string) // it has its own certificate
  const x5c = chain.map((pem) => new X509Certificate(pem).raw.toString('base64'))
  const whole = await new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ alg: 'ES256', typ, x5c })
    .sign(createPrivateKey(key))
  const [header, , signature] = whole.split('.')
  return `${header}..${signature}`
}

function certifiedFor({ persona: name, organisation: of }: Signer): Omit<ToCertify, 'days'> {
  const persona = personasOf().find((persona) => persona.name === name)
  if (!persona) throw new Error(`sign requires a persona:\n${known()}\n${got(name)}`)
  if (of !== undefined) return heldSeal(of, persona.name)
  if (!persona.fin) throw new Error(`sign is for who has a FİN, by which an authority knows them; ${name} has none`)
  return { commonName: persona.fullName, serialNumber: `PNOAZ-${persona.fin}`, usage: 'signature' }
}

function heldSeal(name: string, holder: string): Omit<ToCertify, 'days'> {
  const seal = sealOf(name)
  const { mandates } = personasFrom(textOfPersonas())
  const kinds: MandateKind[] = [MandateKind.HEAD, MandateKind.SEAL_HOLDER]
  if (!mandates.some((held) => held.principal === name && held.holder === holder && kinds.includes(held.kind)))
    throw new Error(`the seal of ${name} must be in the hands of who signs; ${holder} does not hold it`)
  return seal
}

/** Fields that payloads of one type alone have. */
const types = [
  { typ: signatureType, fields: ['application'] },
  { typ: filingSignatureType, fields: ['externalNumber', 'batchSha256'] },
]

/** Programs append an end of line that was not signed. */
function payloadIn(given: string): { payload: string; typ: string } {
  const payload = given.trim()
  try {
    const parsed = JSON.parse(payload)
    const type = types.find(({ fields }) => fields.some((field) => Object.hasOwn(parsed, field)))
    if (type && canonicalize(parsed) === payload) return { payload, typ: type.typ }
  } catch {
    // Reported below.
  }
  throw new Error(
    'sign requires the payload of prepareSignature or validateFiling, or of a batch of filings, unchanged; got something else',
  )
}

const got = (name: string | undefined) => (name === undefined ? 'got nothing' : `got "${name}"`)
const known = () =>
  personasOf()
    .filter(({ fin }) => fin)
    .map(({ name, is }) => `  ${name.padEnd(22)} ${is.en}`)
    .join('\n')

const usage = () => `npm run --silent sign -- <persona> [<file>] [--organisation <name>] [--expired | --revoked]

Signs a payload (in a file or from standard input) with a certificate of the sandbox's own authority, and prints the detached JWS:
what prepareSignature returned, for signApplication; what validateFiling returned, for submitFiling; or the payload of a batch of
filings. With --organisation, makes an electronic seal of an organisation whose head the persona is. With --expired or --revoked, the certificate is invalid. Set DATA_DIR as for the server.

${known()}`

async function main(): Promise<void> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        organisation: { type: 'string' },
        expired: { type: 'boolean' },
        revoked: { type: 'boolean' },
      },
    })
    if (values.help) return console.log(usage())
    const [persona, file, ...more] = positionals
    if (more.length > 0) throw new Error(`sign takes one persona and one file; got "${positionals.join(' ')}"`)
    if (values.expired && values.revoked) throw new Error('sign takes --expired or --revoked, not both')
    const spoilt = values.expired ? 'expired' : values.revoked ? 'revoked' : undefined
    const given = file === undefined ? await text(process.stdin) : readFileSync(file, 'utf8')
    console.log(await signedBy({ persona, organisation: values.organisation, spoilt }, given, configFrom()))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

const [, script] = process.argv
if (script && existsSync(script) && realpathSync(script) === import.meta.filename) await main()
