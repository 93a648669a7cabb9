import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import type { FastifyBaseLogger } from 'fastify'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Config } from '../config.js'
import { errors } from '../shared/oidcProvider.js'
import { languageOf } from '../shared/words.js'
import type { Page } from './html.js'
import { loginAt } from './issuer.js'
import { choicePage, faultPage, frontPage } from './loginPage.js'
import { loginProvider } from './loginProvider.js'
import { acrOf, type Persona, personasOf } from './personas.js'

interface Parts {
  config: Pick<Config, 'dataDir' | 'sandboxPort' | 'timings'>
  log: Pick<FastifyBaseLogger, 'error'>
}

/** The issuer of a sandbox's people, on this machine only. */
export async function startLogin({ config, log }: Parts): Promise<{ stop(): Promise<void> }> {
  const personas = personasOf()
  const provider = loginProvider(config, personas, showFault)
  provider.use(guarded(config))
  provider.use(pages(provider, personas))
  const tell = (error: Error) => log.error({ stack: error.stack }, 'unexpected error of the login')
  provider.on('server_error', (_ctx, error) => tell(error))
  provider.onerror = tell // errors outside oidc-provider
  const server = createServer(provider.callback())
  await new Promise<void>((settle, reject) => {
    server.once('error', ({ message }) => reject(new Error(`SANDBOX_PORT must name a port that is free; ${message}`)))
    server.listen(config.sandboxPort, '127.0.0.1', settle)
  })
  const stop = () =>
    new Promise<void>((settle) => {
      server.close(() => settle())
      server.closeAllConnections()
    })
  return { stop }
}

type Context = KoaContextWithOIDC
type Next = () => Promise<void>

/** Prevents DNS rebinding and framing by other pages. */
function guarded(config: Pick<Config, 'sandboxPort'>) {
  const hosts = ['localhost', '127.0.0.1'].map((name) => `${name}:${config.sandboxPort}`)
  return async (ctx: Context, next: Next) => {
    ctx.set({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    if (hosts.includes(ctx.host)) return await next()
    ctx.status = 421
    ctx.body = `This is ${loginAt(config)}, and answers to no other name.\n`
  }
}

const languageFor = (ctx: Context) => languageOf(ctx.get('accept-language'))

function show(ctx: Context, { html, policy }: Page, status = 200): void {
  ctx.status = status
  ctx.set({ 'content-security-policy': policy, 'content-language': languageFor(ctx), vary: 'Accept-Language' })
  ctx.type = 'html'
  ctx.body = html
}

function showFault(
  ctx: Context,
  { error, error_description: description }: { error: string; error_description?: string },
) {
  show(ctx, faultPage(error, description, languageFor(ctx)), ctx.status)
}

function pages(provider: Provider, personas: Persona[]) {
  return async (ctx: Context, next: Next) => {
    if (ctx.path === '/' && ctx.method === 'GET') return show(ctx, frontPage(personas, languageFor(ctx)))
    if (!/^\/login\/[\w-]+$/.test(ctx.path) || !['GET', 'POST'].includes(ctx.method)) return await next()
    try {
      if (ctx.method === 'POST') return await choose(provider, personas, ctx)
      const { params } = await provider.interactionDetails(ctx.req, ctx.res)
      show(ctx, choicePage(personas, params.redirect_uri as string, languageFor(ctx)))
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error
      const begunAnew = 'this sign-in is over, or was begun in another browser; begin anew where you came from'
      show(ctx, faultPage('sign_in_over', begunAnew, languageFor(ctx)), 400)
    }
  }
}

const longestForm = 1000

async function choose(provider: Provider, personas: Persona[], ctx: Context): Promise<void> {
  if (!(ctx.request.length <= longestForm)) return showRefusal(ctx, 'the form must say who signs in, and no more')
  const chosen = new URLSearchParams(await text(ctx.req))
  const persona = personas.find(({ name }) => name === chosen.get('persona'))
  if (!persona && !chosen.has('cancel')) return showRefusal(ctx, 'one of the personas must be chosen')
  const result = persona
    ? { login: { accountId: persona.name, acr: acrOf(persona.assurance), remember: false } }
    : { error: 'access_denied', error_description: 'the person chose not to sign in' }
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result))
  ctx.status = 303
}

const showRefusal = (ctx: Context, why: string) => show(ctx, faultPage('invalid_choice', why, languageFor(ctx)), 400)
