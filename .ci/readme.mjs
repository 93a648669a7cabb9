// Asks what README.md asks of a server at the given port, and compares the answer with the one that stands there.
import { deepStrictEqual } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const port = process.argv[2]
const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
const asks = blocks.findIndex(([, language, text]) => language === 'sh' && /^curl /m.test(text))
const expected = blocks.slice(asks + 1).find(([, language]) => language === 'json')
if (asks < 0 || !expected) {
  throw new Error('README.md must hold a sh block with a curl command and after it a json block with the answer')
}

const command = blocks[asks][2].replaceAll(/(localhost|127\.0\.0\.1):4000/g, `127.0.0.1:${port}`)
const answer = execFileSync('bash', ['-euo', 'pipefail', '-c', command], { encoding: 'utf8' })
deepStrictEqual(JSON.parse(answer), JSON.parse(expected[2]))
console.log('README.md asks and is answered as it says.')
