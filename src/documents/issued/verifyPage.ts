import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.js'
import { page, script, style } from './verify.page.js'

const path = '/verify'

/** Where people verify a document; undefined where nobody has said where callers reach the API. */
export const verificationAt = ({ publicUrl, port }: Pick<Config, 'publicUrl' | 'port'>): string | undefined =>
  publicUrl ? `${publicUrl}${path}` : port ? `http://localhost:${port}${path}` : undefined

/** What the page may do in a browser: its own files, and a question to where it came from. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page that asks `verifyDocument`, for whoever scans the QR code of a document. */
export async function verifyPage(app: FastifyInstance) {
  const files = { '': ['text/html', page], '/page.js': ['text/javascript', script], '/page.css': ['text/css', style] }
  for (const [name, [type, content]] of Object.entries(files))
    app.get(`${path}${name}`, (_request, reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .headers({ 'content-security-policy': policy, 'cache-control': 'no-cache', 'referrer-policy': 'no-referrer' })
        .send(content),
    )
}
