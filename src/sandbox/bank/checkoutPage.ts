import type { Language } from '../../shared/words.js'
import { escaped, type Page, policyOf } from '../html.js'
import { texts } from './bankTexts.js'
import type { Order, OrderState } from './book.js'

interface Shown {
  order: Order
  language: Language
  /** Proves that a form came from this page. */
  token: string
  now: Date
}

const cards = ['pays', 'secure', 'no-money', 'blocked'] as const

export function checkoutPage({ order, language, token, now }: Shown): Page {
  const { card, pay, choose, cancel } = texts[language]
  const choices = cards.map(
    (name, at) => `<label class="card">
<input type="radio" name="card" value="${name}" required${at === 0 ? ' checked' : ''}>
<span class="plastic ${name}" aria-hidden="true"></span>
<span><strong>${card[name].name}</strong><small>${card[name].does}</small></span>
</label>`,
  )
  const body = `${summaryOf(order, language, now)}
<form method="post" action="?lang=${language}" class="panel">
<input type="hidden" name="token" value="${token}">
<fieldset>
<legend>${choose}</legend>
${choices.join('\n')}
</fieldset>
<button class="main" name="act" value="pay">${pay(amountOf(order, language))}</button>
</form>
${cancelForm(token, language, cancel)}`
  return pageOf({ title: texts[language].checkout, body, language, order, reloadIn: secondsLeft(order, now) })
}

/** The second step of 3-D Secure. `left` says how many attempts are left after a wrong code. */
export function codePage(shown: Shown & { code: string; left?: number }): Page {
  const { order, language, token, now, code, left } = shown
  const { secure, cancel } = texts[language]
  const fault = left === undefined ? '' : `<p class="fault" id="fault" role="alert">${secure.wrong(left)}</p>`
  const body = `${summaryOf(order, language, now)}
<form method="post" action="?lang=${language}" class="panel">
<input type="hidden" name="token" value="${token}">
<h2>${secure.title}</h2>
<p id="sent">${secure.sent}</p>
<p class="message">${secure.message} <strong>${code}</strong></p>
${fault}
<label class="field">${secure.code}
<input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required autofocus aria-describedby="sent${fault && ' fault'}"></label>
<button class="main" name="act" value="confirm">${secure.confirm}</button>
</form>
${cancelForm(token, language, cancel)}`
  return pageOf({ title: secure.title, body, language, order, reloadIn: secondsLeft(order, now) })
}

export function outcomePage({ order, language, state }: Omit<Shown, 'token'> & { state: OrderState }): Page {
  const { state: names, reason, back } = texts[language]
  const why = order.declineReason && state === 'DECLINED' ? `<p>${reason[order.declineReason]}</p>` : ''
  const body = `<section class="panel outcome ${state === 'CAPTURED' ? 'good' : 'bad'}">
<p class="sign" aria-hidden="true">${state === 'CAPTURED' ? '✓' : '!'}</p>
<h2>${names[state]}</h2>
${why}
<a class="main" href="${escaped(order.returnUrl)}">${back}</a>
</section>
${summaryOf(order, language)}`
  return pageOf({ title: names[state], body, language, order })
}

/** For an address without a session, a form from elsewhere, or a bank in trouble. */
export function faultPage(language: Language): Page {
  const { fault } = texts[language]
  const body = `<section class="panel outcome bad">
<p class="sign" aria-hidden="true">!</p>
<h1>${fault.title}</h1>
<p>${fault.next}</p>
</section>`
  return pageOf({ title: fault.title, body, language })
}

interface Requests {
  open: { order: Order; token: string }[]
  language: Language
  now: Date
}

/** The app of the payer's bank, in which instant payments are approved. */
export function requestsPage({ open, language, now }: Requests): Page {
  const { requests } = texts[language]
  const items = open.map(
    ({ order, token }) => `<li class="panel">
${summaryOf(order, language, now)}
<form method="post" action="/requests/${order.sessionId}?lang=${language}" class="pair">
<input type="hidden" name="token" value="${token}">
<button class="main" name="act" value="approve">${requests.approve}</button>
<button class="quiet" name="act" value="decline">${requests.decline}</button>
</form>
</li>`,
  )
  const list = items.length > 0 ? `<ul>\n${items.join('\n')}\n</ul>` : `<p class="panel">${requests.none}</p>`
  return pageOf({ title: requests.title, body: `<h1>${requests.title}</h1>\n${list}`, language, reloadIn: 15 })
}

const cancelForm = (
  token: string,
  language: Language,
  cancel: string,
) => `<form method="post" action="?lang=${language}" class="cancel">
<input type="hidden" name="token" value="${token}">
<button class="quiet" name="act" value="cancel">${cancel}</button>
</form>`

/** Who is paid, for what, how much, and how long that is possible. */
function summaryOf(order: Order, language: Language, now?: Date): string {
  const { merchant, payTo, until, number, alias } = texts[language]
  const row = (name: string, value: string) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`
  const rows = [
    row(payTo, merchant),
    row(texts[language].description, order.description),
    row(number, order.orderId),
    ...(order.alias ? [row(alias, order.alias)] : []),
    ...(now ? [row(until, timeLeft(order, language, now))] : []),
  ]
  return `<section class="summary">
<p class="amount">${amountOf(order, language)}</p>
<dl>
${rows.join('\n')}
</dl>
</section>`
}

function amountOf({ amount, currency }: Order, language: Language): string {
  const text = amount.padStart(3, '0')
  const units = new Intl.NumberFormat(language).format(BigInt(text.slice(0, -2)))
  return `${units}${language === 'en' ? '.' : ','}${text.slice(-2)}&nbsp;${currency}`
}

const secondsLeft = ({ expiresAt }: Order, now: Date) => Math.ceil((Date.parse(expiresAt) - now.getTime()) / 1000)

function timeLeft(order: Order, language: Language, now: Date): string {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Baku', hour: '2-digit', minute: '2-digit' })
  const minutes = Math.max(1, Math.floor(secondsLeft(order, now) / 60))
  return texts[language].left(clock.format(new Date(order.expiresAt)), Math.floor(minutes / 60), minutes % 60)
}

const style = `
:root { color-scheme: light; font: 1rem/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: #16202c; background: #eef1f5 }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column }
.sandbox { margin: 0; background: #8a1c1c; color: #fff; text-align: center; font-size: .75rem; padding: .2rem .75rem }
.sandbox b { letter-spacing: .15em }
header { background: #0f2f57; color: #fff }
header > div { max-width: 60rem; margin: 0 auto; padding: .7rem 1rem; display: flex; align-items: center; justify-content: space-between; gap: 1rem }
.brand { display: flex; align-items: center; gap: .55rem; font-weight: 700; font-size: 1.1rem; letter-spacing: .01em }
.brand svg { width: 1.7rem; height: 1.7rem; flex: none }
nav { display: flex; gap: .15rem }
nav a, nav span { padding: .3rem .5rem; border-radius: .3rem; font-size: .875rem; color: #cfdcec; text-decoration: none }
nav a:hover { background: #1d4474 }
nav [aria-current] { background: #fff; color: #0f2f57; font-weight: 600 }
main { flex: 1; width: 100%; max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 2rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; align-content: start }
h1 { font-size: 1.35rem; margin: 0 }
.order h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
h2 { font-size: 1.1rem; margin: 0 0 .5rem }
.panel, .summary { background: #fff; border: 1px solid #d5dce6; border-radius: .75rem; padding: 1.1rem; margin: 0 }
.amount { margin: 0 0 .7rem; font-size: clamp(1.4rem, 7vw, 1.9rem); overflow-wrap: anywhere; line-height: 1.15; font-weight: 700; font-variant-numeric: tabular-nums; color: #0f2f57 }
dl { margin: 0; display: grid; gap: .5rem; font-size: .9375rem }
dt { color: #5a6778; font-size: .8125rem }
dd { margin: 0; overflow-wrap: anywhere }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; display: grid; gap: .5rem }
legend { font-weight: 600; padding: 0; margin-bottom: .6rem }
.card { display: flex; align-items: center; gap: .75rem; padding: .65rem .8rem; border: 1px solid #b6c1cf; border-radius: .6rem; cursor: pointer }
.card:hover { border-color: #1c5fb0 }
.card:has(:checked) { border-color: #1c5fb0; box-shadow: 0 0 0 1px #1c5fb0; background: #f2f7fd }
.card input { accent-color: #1c5fb0; width: 1.1rem; height: 1.1rem; margin: 0; flex: none }
.card strong { display: block; font-weight: 600 }
.card small { display: block; color: #5a6778; font-size: .8125rem }
.plastic { flex: none; width: 2.9rem; height: 1.85rem; border-radius: .3rem; background: linear-gradient(135deg, #1c5fb0, #0f2f57); position: relative }
.plastic::before { content: ""; position: absolute; left: .35rem; top: .55rem; width: .55rem; height: .42rem; border-radius: .1rem; background: #e6c66b }
.plastic.secure { background: linear-gradient(135deg, #22876a, #0d4a3a) }
.plastic.no-money { background: linear-gradient(135deg, #8d6bb8, #4b2f78) }
.plastic.blocked { background: linear-gradient(135deg, #8b95a3, #4d5663) }
button, a.main { font: inherit; font-weight: 600; border-radius: .6rem; padding: .75rem 1.1rem; cursor: pointer; text-align: center; text-decoration: none; display: inline-block }
.main { width: 100%; border: 1px solid #15569f; background: #1c5fb0; color: #fff }
.main:hover { background: #154c8e }
.quiet { border: 1px solid #b6c1cf; background: #fff; color: #16202c; width: 100% }
.quiet:hover { background: #f5f7fa }
:focus-visible { outline: 3px solid #f0a500; outline-offset: 2px }
.field { display: block; font-weight: 600; margin: 0 0 1rem }
.field input { display: block; width: 100%; font: inherit; font-size: 1.4rem; letter-spacing: .35em; text-align: center; padding: .5rem; margin-top: .35rem; border: 1px solid #7d8a9a; border-radius: .5rem }
.message { background: #fff6dd; border: 1px solid #e6cf8a; border-radius: .5rem; padding: .6rem .8rem; margin: 0 0 1rem; font-size: .9375rem }
.message strong { font-size: 1.1rem; letter-spacing: .08em; white-space: nowrap }
.fault { color: #a01616; font-weight: 600; margin: 0 0 .75rem }
.outcome { text-align: center; padding: 1.6rem 1.1rem }
.outcome .sign { margin: 0 auto .8rem; width: 3.2rem; height: 3.2rem; line-height: 3.2rem; border-radius: 50%; font-size: 1.7rem; font-weight: 700; color: #fff; background: #b3541e }
.outcome.good .sign { background: #1f8a54 }
.outcome p { margin: .3rem 0 .9rem }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem }
.panel .summary { border: 0; padding: 0; margin-bottom: 1rem }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem }
footer { color: #5a6778; font-size: .8125rem; text-align: center; padding: 0 1rem 1.25rem }
@media (min-width: 46rem) {
  main { padding-top: 2rem }
  .order main { grid-template-columns: 2fr 3fr; gap: 1rem 1.25rem }
  .order .summary { grid-column: 1; grid-row: 1 / span 2; align-self: start }
  .order .panel, .cancel { grid-column: 2 }
  ul { grid-template-columns: repeat(2, minmax(0, 1fr)) }
}
`

const languages: Record<Language, string> = { az: 'AZ', en: 'EN', ru: 'RU' }
const languageNames: Record<Language, string> = { az: 'Azərbaycanca', en: 'English', ru: 'Русский' }

interface Parts {
  title: string
  body: string
  language: Language
  order?: Order
  /** Seconds until the page says something else. */
  reloadIn?: number
}

function pageOf({ title, body, language, order, reloadIn }: Parts): Page {
  const { bank, sandbox, footer, chooseLanguage } = texts[language]
  const switches = (Object.keys(languages) as Language[]).map(
    (
      one, // an object has the keys it was written with
    ) =>
      one === language
        ? `<span aria-current="true" lang="${one}">${languages[one]}</span>`
        : `<a href="?lang=${one}" lang="${one}" hreflang="${one}" title="${languageNames[one]}">${languages[one]}</a>`,
  )
  const html = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${reloadIn === undefined ? '' : `<meta http-equiv="refresh" content="${reloadIn + 1}">`}
<title>SANDBOX: ${title} – ${bank}</title>
<style>${style}</style>
</head>
<body${order ? ' class="order"' : ''}>
<p class="sandbox"><b>SANDBOX</b> ${sandbox}</p>
<header><div>
<span class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><path fill="#fff" d="M12 2 2 7v2h20V7zM4 11h3v7H4zm6.5 0h3v7h-3zM17 11h3v7h-3zM2 20h20v2H2z"/></svg>${bank}</span>
<nav aria-label="${chooseLanguage}">${switches.join('')}</nav>
</div></header>
<main>
${order ? `<h1>${title}</h1>\n` : ''}${body}
</main>
<footer>${footer}</footer>
</body>
</html>
`
  return { html, policy: policyOf(style, order && new URL(order.returnUrl).origin) }
}
