import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { ClamdAddress } from './upload.settings.js'

/** A malware scanner. */
export interface Scanner {
  /** Throws if the scan fails. */
  findsIn(bytes: Buffer): Promise<'NOTHING' | 'SOMETHING'>
  /** Throws if the scanner does not answer. */
  check(): Promise<void>
}

/** Limits in milliseconds, for silence and in total. Without the total, a byte a minute would never end. */
const patience = { silence: 60_000, whole: 300_000 }
const checkPatience = { silence: 1_500, whole: 1_500 }

export const scannerOf = (clamd: ClamdAddress | undefined, limits = patience): Scanner =>
  clamd ? clamdAt(clamd, limits) : ofSandbox

/** The EICAR test file, split so that scanners do not find it here. */
const eicar = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-', 'TEST-FILE!$H+H*'].join(''))
/** Detects only the EICAR test file. */
const ofSandbox: Scanner = {
  findsIn: async (bytes) => (bytes.includes(eicar) ? 'SOMETHING' : 'NOTHING'),
  check: async () => {},
}

const pieceLength = 65_536

const clamdAt = (clamd: ClamdAddress, limits: typeof patience): Scanner => ({
  /** Uses the command INSTREAM: chunks prefixed with their lengths, and an empty one at the end. */
  async findsIn(bytes) {
    const reply = await answerOf(clamd, limits, (socket) => {
      socket.write('zINSTREAM\0')
      for (let at = 0; at < bytes.length; at += pieceLength) {
        const piece = bytes.subarray(at, at + pieceLength)
        const length = Buffer.alloc(4)
        length.writeUInt32BE(piece.length)
        socket.write(length)
        socket.write(piece)
      }
      socket.write(Buffer.alloc(4))
    })
    return verdictIn(reply)
  },
  async check() {
    const reply = await answerOf(clamd, checkPatience, (socket) => socket.write('zPING\0'))
    if (reply !== 'PONG') throw new Error(`clamd must say PONG; it said ${JSON.stringify(reply.slice(0, 100))}`)
  },
})

/** The response up to a zero byte or the end of the connection. */
async function answerOf(
  { host, port }: ClamdAddress,
  { silence, whole }: typeof patience,
  ask: (socket: Socket) => void,
): Promise<string> {
  const socket = connect({ host, port, timeout: silence })
  const giveUp = (within: number) => socket.destroy(new Error(`clamd must answer within ${within} ms; it does not`))
  socket.on('timeout', () => giveUp(silence))
  const over = setTimeout(giveUp, whole, whole)
  socket.on('close', () => clearTimeout(over))
  let reply = ''
  socket.on('data', (chunk) => {
    // A longer response is invalid.
    if (reply.length < 1_000) reply += chunk.toString('latin1')
  })
  const ended = once(socket, 'close')
  ask(socket)
  await ended
  return reply.split('\0')[0] as string // there is always a first
}

function verdictIn(reply: string): 'NOTHING' | 'SOMETHING' {
  if (reply === 'stream: OK') return 'NOTHING'
  if (/^stream: .+ FOUND$/.test(reply)) return 'SOMETHING'
  throw new Error(`clamd must say OK or FOUND; it said ${JSON.stringify(reply.slice(0, 100))}`)
}
