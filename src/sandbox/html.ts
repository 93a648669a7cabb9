import { createHash } from 'node:crypto'

// Plain HTML with one style and no script: it works in any browser, and its policy allows nothing else.

export interface Page {
  html: string
  /** For the header Content-Security-Policy. */
  policy: string
}

/**
 * The policy of a page with one style. `leadsTo` is the origin to which its form leads in the end, because a browser
 * applies the policy to every redirect of a form. A policy cannot name an IPv6 address.
 */
export function policyOf(style: string, leadsTo?: string): string {
  const target = leadsTo?.includes('[') ? new URL(leadsTo).protocol : leadsTo
  const hash = createHash('sha256').update(style).digest('base64')
  const formAction = target ? `'self' ${target}` : "'self'"
  return `default-src 'none'; style-src 'sha256-${hash}'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] as string) // one of these five
