import { readFileSync } from 'node:fs'
import { clientOf } from './client.js'
import { SubmitFilingsDocument, VersionDocument } from './generated/graphql.js'
import { returnsIn } from './returns.js'
import { signerOf } from './signer.js'

const { PORT = '4000', API = `http://localhost:${PORT}`, DATA_DIR = '../../.data', PRODUCTION } = process.env
const { CLIENT_ID = '019abc00-0000-7000-8000-000000000003', SECRET = `${DATA_DIR}/accounting-program.secret` } =
  process.env
const { CERTIFICATE = `${DATA_DIR}/accounting-firm.pem`, RETURNS = 'returns.csv' } = process.env
const read = (path: string) => readFileSync(path, 'utf8')

const ask = clientOf(API, CLIENT_ID, read(SECRET).trim())
const signatureOf = signerOf(read(CERTIFICATE))
const service = 'DVX-RETURN'
const version = (await ask(VersionDocument, { service })).service?.currentVersion?.number
const mode = PRODUCTION ? {} : { sandbox: true }

// The same return has the same external number on every run, so it is filed once.
const items = returnsIn(read(RETURNS)).map(({ voen, period, content }) => {
  const externalNumber = `vat-${voen}-${period}`
  const named = { service, version, party: voen, period, externalNumber, replaces: null, ...mode }
  const signature = signatureOf(named, content)
  return {
    serviceCode: service,
    partyVoen: voen,
    period,
    externalNumber,
    content: { vatReturn2026: content },
    signature,
  }
})

const counts = { filed: 0, repeated: 0, refused: 0 }
const atOnce = 6 // up to 100
for (let at = 0; at < items.length; at += atOnce) {
  const some = items.slice(at, at + atOnce)
  const { submitFilings } = await ask(SubmitFilingsDocument, { items: some })
  for (const [index, { filing, replayed, userErrors }] of submitFilings?.results?.entries() ?? []) {
    counts[!filing ? 'refused' : replayed ? 'repeated' : 'filed']++
    console.log(some[index]?.externalNumber, filing ? `${filing.number} ${filing.state}` : JSON.stringify(userErrors))
  }
  const done = at + some.length
  const bar = `${'#'.repeat(done)}${'.'.repeat(items.length - done)}`
  if (process.stderr.isTTY) process.stderr.write(`\r[${bar}] ${done} of ${items.length} `)
}
console.log(JSON.stringify(counts))
process.exitCode = counts.filed + counts.repeated === items.length ? 0 : 1
