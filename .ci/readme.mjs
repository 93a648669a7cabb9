// Asks what README.md asks, of the server whose PORT, SANDBOX_PORT and DATA_DIR stand in the environment, and compares each
// answer with the one that stands there.
import { deepStrictEqual } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
const asked = blocks.flatMap(([, language, text], at) => {
  const [, answerLanguage, answer] = blocks[at + 1] ?? []
  return language === 'sh' && /^(curl|sh) /m.test(text) && answerLanguage === 'json' ? [{ text, answer }] : []
})
if (asked.length === 0) {
  throw new Error('README.md must hold a sh block with a command and after it a json block with the answer')
}

for (const { text, answer } of asked) {
  const command = text.replaceAll(/(localhost|127\.0\.0\.1):4000/g, `127.0.0.1:${process.env.PORT}`)
  const said = execFileSync('bash', ['-euo', 'pipefail', '-c', command], { encoding: 'utf8' })
  deepStrictEqual(JSON.parse(said), JSON.parse(answer))
}
console.log(`README.md asks and is answered as it says (${asked.length}).`)
