import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { sealsOf } from './access.repository.js'
import { lineOf, longestLine, noSeal, numberIn, type Seal } from './accessSeal.js'
import { copyIn, mostCopied } from './copySeals.js'
import type { Findings, Verifying } from './verifyAccessLog.js'

/** Line by line beside the database: so a log is found that was written anew as a whole, whoever has the key to sign it. */
export async function verifyCopy({ database }: Verifying, folder: string, findings: Findings): Promise<void> {
  const path = copyIn(folder)
  const size = await sizeOf(path)
  if (size === undefined)
    return findings.fault(
      `There must be a copy of the seals outside of the database, in ${path}; there is none, and a log that was written anew as a whole would not be found.`,
    )
  // Begun after the size was known: all that stands up to there is of seals that were committed before.
  const seals = sealsOf(database)
  let same: Pick<Seal, 'number' | 'lastPosition'> = noSeal
  for await (const line of copiedSeals(path, size)) {
    if ('fault' in line) return findings.fault(line.fault)
    const { value: seal, done } = await seals.next()
    if (done) return findings.fault(truncated(path, same, line.number))
    if (lineOf(seal) !== line.text) return findings.fault(rewritten(path, same, seal))
    same = seal
  }
  const { value: next, done } = await seals.next()
  const rest = done ? '.' : `; the next was sealed at ${next.sealedAt.toISOString()} and is not there yet.`
  findings.tell(`Copy: ${path} tells of the same seals up to number ${same.number}${rest}`)
}

const truncated = (path: string, { number, lastPosition }: Pick<Seal, 'number' | 'lastPosition'>, next: bigint) =>
  `The database ends with seal ${number} at position ${lastPosition}, and ${path} goes on with seal ${next}: all rows behind that position were taken out.`
const rewritten = (path: string, { number }: Pick<Seal, 'number'>, seal: Seal) =>
  `The database has another seal than ${path}, which agree up to number ${number}: one of the two was written anew from position ${seal.firstPosition} on.`

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

interface Line {
  at: number
  text: string
}

/** Each seal once, in their order, up to the first line that is not as it should be. */
async function* copiedSeals(
  path: string,
  size: number,
): AsyncGenerator<{ number: bigint; text: string } | { fault: string }> {
  const lately = new Map<bigint, string>()
  let torn: Line | undefined
  let last = 0n
  for await (const { at, text } of linesOf(path, size)) {
    // Of a line that a worker did not live to end another made a whole one. Both are of the same letters.
    if (torn && !text.startsWith(torn.text) && !torn.text.startsWith(text)) break
    const number = numberIn(text)
    if (number === undefined) {
      if (!torn || text.length > torn.text.length) torn = { at, text }
      continue
    }
    torn = undefined
    // Written twice, where a worker lost its connection on the way.
    if (lately.get(number) === text) continue
    if (number !== last + 1n)
      return yield { fault: `${path} must tell of seal ${last + 1n} in line ${at}; it tells of seal ${number}.` }
    yield { number, text }
    last = number
    lately.set(number, text)
    lately.delete(number - BigInt(2 * mostCopied))
  }
  // At the end of the file it is of whoever writes at this moment.
  if (torn) yield { fault: `${path} must tell of a seal in line ${torn.at}; it does not.` }
}

/** Of what is longer than any line, the beginning. */
async function* linesOf(path: string, size: number): AsyncGenerator<Line> {
  if (size === 0) return
  let at = 1
  let text = ''
  for await (const chunk of createReadStream(path, { encoding: 'latin1', end: size - 1 })) {
    const pieces = (chunk as string).split('\n')
    for (const piece of pieces.slice(0, -1)) {
      yield { at: at++, text: text + piece }
      text = ''
    }
    text = (text + pieces.at(-1)).slice(0, longestLine)
  }
}
