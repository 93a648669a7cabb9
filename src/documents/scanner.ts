import { once } from 'node:events'
import { connect } from 'node:net'
import type { ClamdAddress } from './settings.js'

/** Looks for what is hostile in a file. */
export interface Scanner {
  /** Throws where it cannot say: then nobody knows. */
  findsIn(bytes: Buffer): Promise<'NOTHING' | 'SOMETHING'>
}

/** Milliseconds: without a word, and for all of it, since by a byte a minute it would never end. */
const patience = { silence: 60_000, whole: 300_000 }

export const scannerOf = (clamd: ClamdAddress | undefined, limits = patience): Scanner =>
  clamd ? clamdAt(clamd, limits) : ofSandbox

/** The file of eicar.org that stands for something hostile, in parts: scanners would find it here. */
const eicar = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-', 'TEST-FILE!$H+H*'].join(''))
/** It knows that file and nothing else. */
const ofSandbox: Scanner = { findsIn: async (bytes) => (bytes.includes(eicar) ? 'SOMETHING' : 'NOTHING') }

const pieceLength = 65_536

/** By its command INSTREAM: pieces with their lengths before them, an empty one behind; the answer ends with a zero. */
const clamdAt = ({ host, port }: ClamdAddress, { silence, whole }: typeof patience): Scanner => ({
  async findsIn(bytes) {
    const socket = connect({ host, port, timeout: silence })
    const giveUp = (within: number) => socket.destroy(new Error(`clamd must answer within ${within} ms; it does not`))
    socket.on('timeout', () => giveUp(silence))
    const over = setTimeout(giveUp, whole, whole)
    socket.on('close', () => clearTimeout(over))
    let said = ''
    socket.on('data', (chunk) => {
      // Of more than that nothing is an answer.
      if (said.length < 1_000) said += chunk.toString('latin1')
    })
    const ended = once(socket, 'close')
    socket.write('zINSTREAM\0')
    for (let at = 0; at < bytes.length; at += pieceLength) {
      const piece = bytes.subarray(at, at + pieceLength)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(piece.length)
      socket.write(length)
      socket.write(piece)
    }
    socket.write(Buffer.alloc(4))
    await ended
    return saidBy(said)
  },
})

function saidBy(answer: string): 'NOTHING' | 'SOMETHING' {
  const [said = ''] = answer.split('\0')
  if (said === 'stream: OK') return 'NOTHING'
  if (/^stream: .+ FOUND$/.test(said)) return 'SOMETHING'
  throw new Error(`clamd must say OK or FOUND; it said ${JSON.stringify(said.slice(0, 100))}`)
}
