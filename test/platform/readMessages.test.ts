import { type AddressInfo, connect as connectTcp, createServer } from 'node:net'
import { setImmediate as immediately } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { textOf } from '../../src/engine/bytes.js'
import { inBytes } from '../../src/engine/statement.js'
import { connect } from '../../src/platform/database.js'
import { cloneDatabase } from '../support/database.js'

const clone = await cloneDatabase()
const server = new URL(clone.url)

/** A client whose server's messages come in pieces of these lengths, again and again. Its first connection is cut at a byte. */
async function reading(lengths: readonly number[], cutAt = Number.POSITIVE_INFINITY) {
  let left = cutAt
  const between = createServer({ noDelay: true }, async (toClient) => {
    const toServer = connectTcp(Number(server.port), '127.0.0.1')
    toClient.pipe(toServer)
    toClient.on('error', () => toServer.destroy())
    let turn = 0
    for await (const chunk of toServer)
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + lengths[turn++ % lengths.length]!)
        at += piece.length
        toClient.write(piece)
        await immediately()
        left -= piece.length
        if (left > 0) continue
        left = Number.POSITIVE_INFINITY
        toServer.destroy()
        return toClient.destroy()
      }
  })
  await new Promise<void>((done) => between.listen(0, '127.0.0.1', done))
  const url = new URL(clone.url)
  url.host = `127.0.0.1:${(between.address() as AddressInfo).port}`
  const client = connect(url.href, { max: 1 })
  onTestFinished(async () => {
    await client.end({ timeout: 1 })
    between.close()
  })
  return client
}

const texts = ['', 'ə', 'a'.repeat(70_000), 'şəxsiyyət', 'ü€'.repeat(100_000), 'b'.repeat(3)]

it.each([{ lengths: [1, 4, 5, 90_000] }, { lengths: [7, 65_536, 65_535] }, { lengths: [3, 8_192, 1, 1, 131_072] }])(
  'the driver reads messages that come in pieces of $lengths bytes',
  async ({ lengths }) => {
    const client = await reading(lengths)
    const asked = texts.flatMap((text) => [
      client`select ${text} as text`.then(([row]) => row?.text),
      client`select ${text} as text`.raw().then(([row]) => String(row![0])),
      inBytes(client`select ${text} as text`).then(([row]) => textOf(row![0]!)),
    ])
    expect(await Promise.all(asked)).toEqual(texts.flatMap((text) => [text, text, text]))
  },
)

it('the driver forgets the first half of a message when its connection is lost', async () => {
  const client = await reading([8_192], 100_000)
  await expect(client`select repeat('a', 1000000) as text`).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  expect(await client`select 1 as number`).toEqual([{ number: 1 }])
})
