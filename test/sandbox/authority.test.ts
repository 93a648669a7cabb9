import 'reflect-metadata'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { X509Certificate as Certificate, X509Crl } from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { authorityOf } from '../../src/sandbox/authority.js'
import { folderOfTest } from '../support/folder.js'

const folder = folderOfTest()
const somebody = { commonName: 'Test Sınaq', serialNumber: 'TEST001', usage: 'signature', days: 2 } as const

describe('authorityOf', () => {
  it('keeps one key that only its owner can read, and certifies with it', async () => {
    const [one, other] = await Promise.all([authorityOf(folder), authorityOf(folder)])
    expect(one.root).toBe(other.root)
    expect((await authorityOf(folder)).root).toBe(one.root)
    expect(statSync(join(folder, 'authority.json')).mode & 0o777).toBe(0o600)
    const { key, chain } = await one.issue(somebody)
    const [certificate, root] = chain.map((pem) => new X509Certificate(pem))
    expect(certificate?.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(certificate?.checkIssued(root!) && certificate.verify(root!.publicKey)).toBe(true)
    expect([certificate?.ca, root?.ca, chain[1]]).toEqual([false, true, one.root])
    const ends = new Date(certificate!.validTo).getTime()
    expect(Math.abs(ends - Date.now() - 2 * 86_400_000)).toBeLessThan(60_000)
  })

  it('marks every certificate as SANDBOX and escapes the name', async () => {
    const authority = await authorityOf(folder)
    const commonName = 'Test "Sınaq", O=Ministry+CN=Somebody'
    const { chain } = await authority.issue({
      ...somebody,
      commonName,
      organisation: '"Test" MMC',
      organisationIdentifier: 'VATAZ-9900000141',
      usage: 'seal',
    })
    expect(new X509Certificate(chain[0]!).toLegacyObject().subject).toEqual({
      CN: commonName,
      serialNumber: 'TEST001',
      O: '"Test" MMC',
      organizationIdentifier: 'VATAZ-9900000141',
      OU: 'SANDBOX',
    })
    expect(new X509Certificate(authority.root).subject).toContain('OU=SANDBOX')
  })

  it('lists a revoked certificate once, whoever revoked it', async () => {
    const authority = await authorityOf(folder)
    const [one, other] = [await authority.issue(somebody), await authority.issue(somebody)]
    ;(await authorityOf(folder)).revoke(one.chain[0]!)
    authority.revoke(one.chain[0]!)
    const list = new X509Crl(new Uint8Array(await authority.revoked()))
    const serial = (pem?: string) => new X509Certificate(pem!).serialNumber.toLowerCase()
    expect(list.entries.map(({ serialNumber }) => serialNumber.toLowerCase())).toEqual([serial(one.chain[0])])
    expect(serial(other.chain[0])).not.toBe(serial(one.chain[0]))
    expect(await list.verify({ publicKey: new Certificate(authority.root) })).toBe(true)
  })
})
