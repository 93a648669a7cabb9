import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { configFrom } from '../../src/config.js'
import { freshKey, freshKeyring, keyringFrom, textOf } from '../../src/platform/keyring.js'
import { keyringOf, rotateIn } from '../../src/platform/keyringFile.js'

const secret = () => randomBytes(32).toString('base64')

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const inFolder = (DATA_DIR: string) => keyringOf(configFrom({ DATA_DIR }))

describe('keyringFrom', () => {
  it('has the current key of each purpose first and finds the others by id', () => {
    const [older, newer] = [secret(), secret()]
    const keys = {
      ...freshKeyring(),
      wrapping: [
        { id: 'k2', secret: newer },
        { id: 'k1', secret: older },
      ],
    }
    const keyring = keyringFrom(textOf(keys), 'KEYRING')
    expect(keyring.current('wrapping')).toEqual({ id: 'k2', secret: Buffer.from(newer, 'base64') })
    expect(keyring.get('wrapping', 'k1').secret.toString('base64')).toBe(older)
    expect(() => keyring.get('commands', 'k2')).toThrow('the keyring must contain the key k2 of commands; it does not')
  })

  const planted = 'c2hvd24gdG8gbm9ib2R5'
  const fresh = freshKeyring()
  const [{ secret: known } = { secret: '' }] = fresh.wrapping
  it.each([
    [
      'a text that is no JSON',
      `{"wrapping": ${planted}`,
      'KEYRING must contain JSON, as npm run keys -- generate prints it; it does not',
    ],
    [
      'a list',
      [planted],
      'KEYRING must contain keys for wrapping, blindIndex, commands, accessLog and nothing else; it does not',
    ],
    [
      'an unknown purpose',
      { ...fresh, [planted]: [] },
      'KEYRING must contain keys for wrapping, blindIndex, commands, accessLog and nothing else; it does not',
    ],
    [
      'a missing purpose',
      { ...fresh, commands: undefined },
      'KEYRING must contain keys for each purpose, as npm run --silent keys -- generate prints them; it has none at commands',
    ],
    [
      'a purpose without keys',
      { ...fresh, commands: [] },
      'KEYRING must contain at least one key at commands; it does not',
    ],
    [
      'a short secret',
      { ...fresh, wrapping: [{ id: 'k1', secret: planted }] },
      'KEYRING must contain 32 bytes in base64 at wrapping.0.secret; it does not',
    ],
    [
      'a secret that is nearly base64',
      { ...fresh, wrapping: [{ id: 'k1', secret: `${secret().slice(0, -1)}!` }] },
      'KEYRING must contain 32 bytes in base64 at wrapping.0.secret; it does not',
    ],
    [
      'a secret in the place of an id',
      { ...fresh, wrapping: [{ id: secret(), secret: secret() }] },
      'KEYRING must contain 1 to 40 letters, digits, - and _ at wrapping.0.id; it does not',
    ],
    [
      'a field beside id and secret',
      { ...fresh, wrapping: [{ id: 'k1', secret: secret(), [planted]: planted }] },
      'KEYRING must contain an id and a secret and nothing else at wrapping.0; it does not',
    ],
    [
      'an id that appears twice',
      { ...fresh, wrapping: [...fresh.wrapping, { id: 'k1', secret: secret() }] },
      'KEYRING must contain keys whose ids are unique within their purpose; it does not',
    ],
    [
      'one secret for two purposes',
      { ...fresh, commands: [{ id: 'k7', secret: known }] },
      'KEYRING must contain keys whose secrets are all different; it does not',
    ],
  ])('refuses %s in a line that shows nothing of it', (_what, keys, line) => {
    const text = typeof keys === 'string' ? keys : JSON.stringify(keys)
    expect(() => keyringFrom(text, 'KEYRING')).toThrow(new Error(line))
  })
})

describe('freshKey', () => {
  it('has an id that no other key has had', () => {
    expect(freshKey([]).id).toBe('k1')
    expect(freshKey([{ id: 'k10' }, { id: 'k9' }, { id: 'first' }]).id).toBe('k11')
  })
})

describe('keyringOf a sandbox', () => {
  it('makes the file once, readable by its owner alone', () => {
    const folder = join(temporaryFolder(), 'data')
    const made = inFolder(folder)
    const path = join(folder, 'keyring.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['keyring.json'])

    const { ino, mtimeMs } = statSync(path)
    expect(inFolder(folder)).toEqual(made)
    expect(statSync(path)).toMatchObject({ ino, mtimeMs })
    expect(inFolder(temporaryFolder())).not.toEqual(made)
  })

  it('makes no file when KEYRING is given', () => {
    const folder = temporaryFolder()
    const keys = freshKeyring()
    const keyring = keyringOf(configFrom({ DATA_DIR: folder, KEYRING: textOf(keys) }))
    expect(keyring).toEqual(keyringFrom(textOf(keys), 'KEYRING'))
    expect(readdirSync(folder)).toEqual([])
  })

  it('refuses a file that others can read and a file without keys', () => {
    const folder = temporaryFolder()
    inFolder(folder)
    const path = join(folder, 'keyring.json')
    chmodSync(path, 0o640)
    expect(() => inFolder(folder)).toThrow(
      new Error(`${path} must be readable by its owner alone (chmod 600); its mode is 640`),
    )
    chmodSync(path, 0o600)
    writeFileSync(path, '{}')
    expect(() => inFolder(folder)).toThrow(
      new Error(
        `${path} must contain keys for each purpose, as npm run --silent keys -- generate prints them; it has none at wrapping`,
      ),
    )
  })

  it('has a rotated key first and the old one behind it', () => {
    const folder = temporaryFolder()
    const before = inFolder(folder)
    expect(rotateIn(folder, 'wrapping')).toBe('k2')
    const after = inFolder(folder)
    expect(after.current('wrapping').id).toBe('k2')
    expect(after.get('wrapping', 'k1')).toEqual(before.current('wrapping'))
    expect(after.all('commands')).toEqual(before.all('commands'))
    expect(statSync(join(folder, 'keyring.json')).mode & 0o777).toBe(0o600)
  })

  it('adds a key for a purpose that the file lacks', () => {
    const folder = temporaryFolder()
    const before = inFolder(folder)
    const path = join(folder, 'keyring.json')
    const { commands: _, ...older } = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify(older))
    const after = inFolder(folder)
    expect(after.all('wrapping')).toEqual(before.all('wrapping'))
    expect(after.current('commands').secret).not.toEqual(before.current('commands').secret)
    expect(inFolder(folder)).toEqual(after)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['keyring.json'])
  })

  it('keeps what another process rotated at the same time', async () => {
    const folder = temporaryFolder()
    inFolder(folder)
    const path = join(folder, 'keyring.json')
    const keys = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(`${path}.next`, '', { mode: 0o600 })
    const other = new Worker(
      `const { path, text } = require('node:worker_threads').workerData
       const { renameSync, writeFileSync } = require('node:fs')
       require('node:worker_threads').parentPort.postMessage('begun')
       setTimeout(() => { writeFileSync(path + '.next', text); renameSync(path + '.next', path) }, 100)`,
      {
        eval: true,
        workerData: { path, text: textOf({ ...keys, commands: [freshKey(keys.commands), ...keys.commands] }) },
      },
    )
    await once(other, 'message')
    expect(rotateIn(folder, 'wrapping')).toBe('k2')
    const after = inFolder(folder)
    expect([after.current('wrapping').id, after.current('commands').id]).toEqual(['k2', 'k2'])
  })

  it('refuses a rotation while another is unfinished', () => {
    const folder = temporaryFolder()
    inFolder(folder)
    const before = readFileSync(join(folder, 'keyring.json'), 'utf8')
    writeFileSync(join(folder, 'keyring.json.next'), '')
    const waits = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out')
    onTestFinished(() => waits.mockRestore())
    expect(() => rotateIn(folder, 'wrapping')).toThrow(
      /^another process is changing the file: wait for it, or delete \S+keyring\.json\.next if/,
    )
    expect(readFileSync(join(folder, 'keyring.json'), 'utf8')).toBe(before)
    expect(existsSync(join(folder, 'keyring.json.next'))).toBe(true)
    expect(waits).toHaveBeenCalledTimes(100)
  })

  it.runIf(process.getuid?.() === 0)('makes the file for the owner of the folder when root starts it', () => {
    const folder = temporaryFolder()
    chownSync(folder, 12_345, 12_345)
    inFolder(folder)
    rotateIn(folder, 'commands')
    expect(statSync(join(folder, 'keyring.json'))).toMatchObject({ uid: 12_345, gid: 12_345 })
  })
})
