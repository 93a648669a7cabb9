import { appendFileSync, readFileSync } from 'node:fs'
import type { Done } from './deed.js'

/** A client's requests and answers: written before sending, and after receiving. */
type Line =
  | { intent: string; deed: string; input: object }
  | { answer: string; made: string; replayed: boolean }
  | { refused: string }

/** The test's own record, which no killed process can touch. */
export function journalIn(path: string) {
  const write = (line: Line) => appendFileSync(path, `${JSON.stringify(line)}\n`)
  const lines = (): Line[] =>
    readFileSync(path, { encoding: 'utf8', flag: 'a+' })
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  const intents = () => lines().flatMap((line) => ('intent' in line ? [line] : []))
  const done = (): Done[] => {
    const asked = new Map(intents().map(({ intent, ...what }) => [intent, what]))
    return lines().flatMap((line) =>
      'answer' in line
        ? [{ ...(asked.get(line.answer) as { deed: string; input: object }), ...line, key: line.answer }]
        : [],
    )
  }
  return { write, intents, done }
}
export type Journal = ReturnType<typeof journalIn>
