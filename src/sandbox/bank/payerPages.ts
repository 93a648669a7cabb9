import type { IncomingHttpHeaders } from 'node:http'
import { type Language, languageOf } from '../../shared/words.js'
import type { Page } from '../html.js'
import { type Bank, Refusal } from './bank.js'
import type { DeclineReason, Order } from './book.js'
import { checkoutPage, codePage, faultPage, outcomePage, requestsPage } from './checkoutPage.js'
import type { Answer } from './merchantApi.js'
import { hmacOf, isSame } from './signature.js'

interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  body: Buffer
}

/** What the declined sandbox cards end with. */
const declines: Record<string, DeclineReason> = { 'no-money': 'insufficient_funds', blocked: 'card_blocked' }
const maxCodes = 3

/** The pages of payers. Who has the address of a session may pay; a form is accepted from its own page only. */
export function payerPages({ bank, secret, now }: { bank: Bank; secret: string; now: () => Date }) {
  // A restart forgets how often a code was wrong, but no money.
  const wrongCodes = new Map<string, number>()
  const tokenOf = ({ sessionId }: Order) => hmacOf(secret, `form of ${sessionId}`)
  const codeOf = ({ sessionId }: Order) =>
    String(Number.parseInt(hmacOf(secret, `code of ${sessionId}`).slice(0, 10), 16) % 1_000_000).padStart(6, '0')
  const addressOf = ({ sessionId }: Order) => `/checkout/${sessionId}`

  function pay(order: Order, card: string | null, language: Language): Answer {
    const reason = card === null ? undefined : declines[card]
    if (card === 'secure') return seeOther(`${addressOf(order)}/confirm?lang=${language}`)
    if (reason) bank.decline(order, reason)
    else if (card === 'pays') bank.pay(order)
    else throw new Refusal(400, 'bad_request', 'the form must name a card')
    return seeOther(order.returnUrl)
  }

  function confirm(order: Order, code: string, shown: Parameters<typeof codePage>[0]): Answer {
    if (isSame(code.trim(), codeOf(order))) {
      bank.pay(order)
      return seeOther(order.returnUrl)
    }
    const wrong = (wrongCodes.get(order.sessionId) ?? 0) + 1
    wrongCodes.set(order.sessionId, wrong)
    if (wrong < maxCodes) return pageAnswer(codePage({ ...shown, left: maxCodes - wrong }), shown.language, 422)
    wrongCodes.delete(order.sessionId)
    bank.decline(order, 'authentication_failed')
    return seeOther(order.returnUrl)
  }

  function checkout({ method, query, body, headers }: Asked, order: Order, isConfirming: boolean): Answer {
    const language = languageIn(query) ?? order.language
    const shown = { order, language, token: tokenOf(order), now: now() }
    const isPending = bank.stateOf(order) === 'PENDING'
    if (method === 'GET') {
      if (!isPending) return pageAnswer(outcomePage({ ...shown, state: bank.stateOf(order) }), language)
      return pageAnswer(isConfirming ? codePage({ ...shown, code: codeOf(order) }) : checkoutPage(shown), language)
    }
    const form = formIn(headers, body, tokenOf(order))
    if (!isPending) return seeOther(order.returnUrl)
    if (form.get('act') === 'cancel') {
      bank.abandon(order)
      return seeOther(order.returnUrl)
    }
    if (isConfirming) return confirm(order, form.get('code') ?? '', { ...shown, code: codeOf(order) })
    return pay(order, form.get('card'), language)
  }

  function requests({ method, query, body, headers }: Asked, sessionId: string | undefined): Answer {
    const language = languageIn(query) ?? 'az'
    if (sessionId === undefined) {
      const open = bank.requests().map((order) => ({ order, token: tokenOf(order) }))
      return pageAnswer(requestsPage({ open, language, now: now() }), language)
    }
    const order = bank.orderOfSession(sessionId)
    if (order?.method !== 'INSTANT' || method !== 'POST') throw notFound
    if (formIn(headers, body, tokenOf(order)).get('act') === 'approve') bank.pay(order)
    else bank.decline(order, 'declined_by_payer')
    return seeOther(`/requests?lang=${language}`)
  }

  return (asked: Asked): Answer => {
    if (asked.method !== 'GET' && asked.method !== 'POST')
      throw new Refusal(405, 'wrong_method', 'a page is read with GET, and a form sent with POST')
    const [, what, sessionId, act, ...more] = asked.path.split('/')
    if (what === 'requests' && act === undefined) return requests(asked, sessionId)
    const order = sessionId === undefined ? undefined : bank.orderOfSession(sessionId)
    if (order?.method !== 'CARD' || (act !== undefined && act !== 'confirm') || more.length > 0) throw notFound
    return checkout(asked, order, act === 'confirm')
  }
}

const notFound = new Refusal(404, 'not_found', 'no such page')

function languageIn(query: URLSearchParams): Language | undefined {
  const language = query.get('lang')
  return language === 'az' || language === 'en' || language === 'ru' ? language : undefined
}

function formIn(headers: IncomingHttpHeaders, body: Buffer, token: string): URLSearchParams {
  const form = new URLSearchParams(body.toString())
  if (
    headers['content-type']?.startsWith('application/x-www-form-urlencoded') &&
    isSame(form.get('token') ?? '', token)
  )
    return form
  throw new Refusal(403, 'foreign_form', 'the form must come from the page of the bank')
}

export const isPayerPage = (path: string): boolean => /^\/(checkout|requests)\b/.test(path)

/** What a payer sees of a refusal. */
export function faultAnswer(status: number, headers: IncomingHttpHeaders): Answer {
  const language = languageOf(headers['accept-language'])
  return pageAnswer(faultPage(language), language, status)
}

const seeOther = (location: string): Answer => ({ status: 303, headers: { location }, body: '' })

const pageAnswer = ({ html, policy }: Page, language: Language, status = 200): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'content-language': language,
  },
  body: html,
})
