import { createHash, randomBytes } from 'node:crypto'

/** A frontend and its browser, as far as signing in needs them. */
export function frontendOf(login: string, redirectUri = 'http://localhost:3000/signed-in') {
  const cookies = new Map<string, string>()
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')

  async function visit(
    address: string,
    { form, language = 'en' }: { form?: Record<string, string>; language?: string } = {},
  ) {
    const response = await fetch(new URL(address, login), {
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'accept-language': language,
        cookie: [...cookies].map((cookie) => cookie.join('=')).join('; '),
      },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] as string).split(/=(.*)/s)
      cookies.set(name, value)
    }
    return {
      status: response.status,
      headers: response.headers,
      to: response.headers.get('location') ?? '',
      text: await response.text(),
    }
  }

  function authorizationUrl(more: Record<string, string> = {}): string {
    const query = new URLSearchParams({
      client_id: 'sandbox',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectUri,
      state: 'a-state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    })
    for (const [name, value] of Object.entries(more)) if (value === '') query.delete(name)
    return new URL(`/auth?${query}`, login).href
  }

  /** Opens the page on which a persona is chosen. */
  const begin = (more?: Record<string, string>) => visit(authorizationUrl(more))

  /** Chooses a persona. Returns the address that leads back to the frontend, with a code or an error. */
  async function choose(form: Record<string, string>) {
    const { to } = await begin()
    const { to: resume } = await visit(to, { form })
    const { to: back } = await visit(resume)
    return new URL(back)
  }

  const exchange = (code: string, more: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    fetch(new URL('/token', login), {
      method: 'POST',
      headers,
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'sandbox',
        redirect_uri: redirectUri,
        code,
        code_verifier: verifier,
        ...more,
      }),
    })

  async function signIn(persona: string): Promise<{ access_token: string; id_token: string; expires_in: number }> {
    const back = await choose({ persona })
    const answer = await exchange(back.searchParams.get('code') ?? '')
    return (await answer.json()) as Awaited<ReturnType<typeof signIn>>
  }
  return { authorizationUrl, visit, begin, choose, exchange, signIn }
}
