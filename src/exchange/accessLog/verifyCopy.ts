import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { checkpointsOf } from './access.repository.js'
import { type Checkpoint, lineOf, longestLine, noCheckpoint, numberIn } from './accessCheckpoint.js'
import { copyIn, copyLimit } from './copyCheckpoints.js'
import type { Findings, Verifying } from './verifyAccessLog.js'

/** Compares the copy with the database line by line. This detects a log rewritten as a whole, even by somebody with the signing key. */
export async function verifyCopy({ database }: Verifying, folder: string, findings: Findings): Promise<void> {
  const path = copyIn(folder)
  const size = await sizeOf(path)
  if (size === undefined)
    return findings.fault(
      `${path} does not exist. Without a copy of the checkpoints, a log rewritten as a whole is not detected.`,
    )
  // Started after reading the size, so that all lines up to it belong to committed checkpoints.
  const checkpoints = checkpointsOf(database)
  let same: Pick<Checkpoint, 'number' | 'lastPosition'> = noCheckpoint
  for await (const line of copiedCheckpoints(path, size)) {
    if ('fault' in line) return findings.fault(line.fault)
    const { value: checkpoint, done } = await checkpoints.next()
    if (done) return findings.fault(truncated(path, same, line.number))
    if (lineOf(checkpoint) !== line.text) return findings.fault(rewritten(path, same, checkpoint))
    same = checkpoint
  }
  const { value: next, done } = await checkpoints.next()
  const rest = done ? '' : ` Checkpoint ${next.number} of ${next.createdAt.toISOString()} is not copied yet.`
  findings.report(`Copy: ${path} matches the database up to checkpoint ${same.number}.${rest}`)
}

const truncated = (path: string, { number, lastPosition }: Pick<Checkpoint, 'number' | 'lastPosition'>, next: bigint) =>
  `The database ends with checkpoint ${number} at position ${lastPosition}, but ${path} continues with checkpoint ${next}. All rows after that position were deleted.`
const rewritten = (path: string, { number }: Pick<Checkpoint, 'number'>, checkpoint: Checkpoint) =>
  `The database and ${path} differ after checkpoint ${number}. One of the two was rewritten from position ${checkpoint.firstPosition} on.`

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

/** Each checkpoint once, in order, up to the first wrong line. */
async function* copiedCheckpoints(
  path: string,
  size: number,
): AsyncGenerator<{ number: bigint; text: string } | { fault: string }> {
  const lately = new Map<bigint, string>()
  let torn: Line | undefined
  let last = 0n
  for await (const { at, text } of linesOf(path, size)) {
    // A worker died within this line, and another wrote it again. Both start with the same bytes.
    if (torn && !text.startsWith(torn.text) && !torn.text.startsWith(text)) break
    const number = numberIn(text)
    if (number === undefined) {
      if (!torn || text.length > torn.text.length) torn = { at, text }
      continue
    }
    torn = undefined
    // Written twice because a worker lost its connection.
    if (lately.get(number) === text) continue
    if (number !== last + 1n)
      return yield {
        fault: `Line ${at} of ${path} should be checkpoint ${last + 1n}, but is checkpoint ${number}.`,
      }
    yield { number, text }
    last = number
    lately.set(number, text)
    lately.delete(number - BigInt(2 * copyLimit))
  }
  // At the end of the file, it is still being written.
  if (torn) yield { fault: `Line ${torn.at} of ${path} is not a checkpoint.` }
}

/** The beginning of a line that is too long. */
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
