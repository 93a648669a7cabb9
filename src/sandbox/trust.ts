import { X509Certificate } from 'node:crypto'
import type { Config } from '../config.js'
import { openTrust } from '../documents/signatures/openTrust.js'
import type { Surroundings } from '../documents/signatures/revocations.js'
import type { Trust } from '../shared/trust.js'

type Sandbox = Pick<Config, 'dataDir' | 'authorityPort'>

export const listAddress = (port: number): string => `http://127.0.0.1:${port}/authority.crl`

/** Trusts the sandbox's own authority, which is created at the first signature. */
export const trustOfSandbox = ({ dataDir, authorityPort = 0 }: Sandbox, surroundings: Surroundings): Trust =>
  openTrust(async () => {
    const { authorityOf } = await import('./authority.js')
    const { root } = await authorityOf(dataDir)
    // A developer may have revoked a certificate just now.
    return [{ certificate: new X509Certificate(root), crl: { url: listAddress(authorityPort) }, maxAge: 1 }]
  }, surroundings)
