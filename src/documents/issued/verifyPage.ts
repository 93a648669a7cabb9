import type { FastifyInstance } from 'fastify'
import type { HttpConfig } from '../../platform/http.settings.js'
import { page, script, style } from './verify.page.js'

const path = '/verify'

/** URL of the verification page. Undefined if neither the public URL nor a port is configured. */
export const verificationAt = ({ publicUrl, port }: Pick<HttpConfig, 'publicUrl' | 'port'>): string | undefined =>
  publicUrl ? `${publicUrl}${path}` : port ? `http://localhost:${port}${path}` : undefined

/** The page may load its own files and query its own origin. */
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

/** Serves the page that queries `verifyDocument`, to which the QR codes lead. */
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
