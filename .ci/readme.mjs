// Runs the commands of the given pages against the server of the environment's PORT, SANDBOX_PORT and DATA_DIR, and compares
// each answer with the documented one.
import { deepStrictEqual } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const pages = process.argv.slice(2)
const asked = pages.flatMap((page) => {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  const found = blocks.flatMap(([, language, text], at) => {
    const [, answerLanguage, answer] = blocks[at + 1] ?? []
    return language === 'sh' && /^(curl|sh|npm) /m.test(text) && answerLanguage === 'json' ? [{ text, answer }] : []
  })
  if (found.length === 0)
    throw new Error(`${page} must have a sh block with a command, followed by a json block with its answer`)
  return found
})

for (const { text, answer } of asked) {
  const command = text.replaceAll(/(localhost|127\.0\.0\.1):4000/g, `127.0.0.1:${process.env.PORT}`)
  const said = execFileSync('bash', ['-euo', 'pipefail', '-c', command], { encoding: 'utf8' })
  deepStrictEqual(JSON.parse(said), JSON.parse(answer))
}
console.log(`The commands of ${pages.join(' and ')} are answered as documented (${asked.length}).`)
