// The page to which the QR code of a document leads. Script and style are separate files, so that the policy needs no
// `unsafe-inline`. The code follows the `#` of the URL, which browsers do not send.

const words = {
  az: {
    title: 'Sənədin yoxlanması',
    number: 'Nömrə',
    code: 'Kod',
    verify: 'Yoxla',
    valid: 'Sənəd həqiqidir',
    sandbox: 'Sınaq nüsxəsidir, hüquqi qüvvəsi yoxdur',
    revoked: 'Sənəd ləğv edilib',
    superseded: 'Bu sənədi sonrakı əvəz edib:',
    wrong: 'Yoxlamaq mümkün olmadı. Bir az sonra yenidən cəhd edin.',
    MALFORMED: 'Nömrə və ya kod düzgün yazılmayıb',
    UNKNOWN: 'Bu nömrə və kodla sənəd yoxdur',
    UNKNOWN_KEY: 'Sənəd naməlum açarla imzalanıb',
    FORGED: 'Sənəd həqiqi deyil',
    UNSIGNED: 'Sənəd hələ imzalanmayıb; bir neçə saniyədən sonra yenidən yoxlayın',
    agency: 'Qurum',
    APPLICATION_RECEIPT: 'Qəbul bildirişi',
    DECISION: 'Qərar',
    FILING_RECEIPT: 'Təqdimatın qəbulu haqqında bildiriş',
    PAYMENT_RECEIPT: 'Ödəniş çıxarışı',
  },
  en: {
    title: 'Verify a document',
    number: 'Number',
    code: 'Code',
    verify: 'Verify',
    valid: 'The document is genuine',
    sandbox: 'It is a test copy without legal force',
    revoked: 'The document was revoked',
    superseded: 'A later document has replaced it:',
    wrong: 'It could not be verified. Try again in a moment.',
    MALFORMED: 'The number or the code is not written as it is printed',
    UNKNOWN: 'There is no document of this number with this code',
    UNKNOWN_KEY: 'It is signed by a key that is not known here',
    FORGED: 'The document is not genuine',
    UNSIGNED: 'It is not signed yet; verify it again in a few seconds',
    agency: 'Agency',
    APPLICATION_RECEIPT: 'Application receipt',
    DECISION: 'Decision',
    FILING_RECEIPT: 'Filing receipt',
    PAYMENT_RECEIPT: 'Payment receipt',
  },
  ru: {
    title: 'Проверка документа',
    number: 'Номер',
    code: 'Код',
    verify: 'Проверить',
    valid: 'Документ подлинный',
    sandbox: 'Это тестовая копия без юридической силы',
    revoked: 'Документ отозван',
    superseded: 'Его заменил более поздний документ:',
    wrong: 'Проверить не удалось. Попробуйте немного позже.',
    MALFORMED: 'Номер или код записан не так, как напечатан',
    UNKNOWN: 'Документа с таким номером и кодом нет',
    UNKNOWN_KEY: 'Документ подписан неизвестным ключом',
    FORGED: 'Документ не подлинный',
    UNSIGNED: 'Документ ещё не подписан; проверьте через несколько секунд',
    agency: 'Орган',
    APPLICATION_RECEIPT: 'Уведомление о приёме',
    DECISION: 'Решение',
    FILING_RECEIPT: 'Уведомление о приёме отчётности',
    PAYMENT_RECEIPT: 'Квитанция об оплате',
  },
}
type Words = typeof words.az
type Reason = keyof Words & ('MALFORMED' | 'UNKNOWN' | 'UNKNOWN_KEY' | 'FORGED' | 'UNSIGNED')

interface Answer {
  valid: boolean
  reason: Reason | null
  document: {
    number: string
    kind: 'APPLICATION_RECEIPT' | 'DECISION' | 'FILING_RECEIPT' | 'PAYMENT_RECEIPT'
    sandbox: boolean
    revokedAt: string | null
    supersededBy: string | null
    agency: { name: string } | null
    lines: { label: string; value: string }[]
  } | null
}

/** Runs in the browser. Its source text is sent, so it may use nothing outside itself. */
function start(words: Record<string, Words>, query: string) {
  const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in words) ?? 'az'
  const texts = words[language] as Words // one of those
  const find = (id: string) => document.getElementById(id) as HTMLElement // of the page
  const [number, code] = [find('number'), find('code')] as [HTMLInputElement, HTMLInputElement]
  const element = (name: string, text: string, kind = '') => {
    const made = document.createElement(name)
    made.textContent = text
    made.className = kind
    return made
  }
  const show = ({ valid, reason, document: found }: Answer) => {
    const parts = [element('p', reason ? texts[reason] : texts.valid, valid ? 'good' : 'bad')]
    if (valid && found) {
      if (found.sandbox) parts.push(element('p', texts.sandbox, 'bad'))
      if (found.revokedAt) parts.push(element('p', texts.revoked, 'bad'))
      if (found.supersededBy) parts.push(element('p', `${texts.superseded} ${found.supersededBy}`, 'bad'))
      const list = document.createElement('dl')
      const head = [{ label: texts.number, value: `${texts[found.kind]} ${found.number}` }]
      // A printed decision names its agency in the heading, not in a line.
      if (found.kind === 'DECISION' && found.agency) head.push({ label: texts.agency, value: found.agency.name })
      for (const { label, value } of [...head, ...found.lines]) list.append(element('dt', label), element('dd', value))
      parts.push(list)
    }
    find('answer').replaceChildren(...parts)
  }
  async function verify() {
    const variables = { number: number.value, code: code.value }
    const answer = await fetch('/graphql', {
      method: 'POST',
      body: JSON.stringify({ query, variables }),
      headers: { 'content-type': 'application/json', 'accept-language': language },
    })
      .then((response) => response.json())
      .catch(() => undefined)
    if (answer?.data?.verifyDocument) show(answer.data.verifyDocument)
    else find('answer').replaceChildren(element('p', answer?.errors?.[0]?.message ?? texts.wrong, 'bad'))
  }
  document.documentElement.lang = language
  document.title = texts.title
  for (const [id, text] of Object.entries({ title: texts.title, 'of-number': texts.number, 'of-code': texts.code }))
    find(id).textContent = text
  find('verify').textContent = texts.verify
  number.value = new URLSearchParams(location.search).get('number') ?? ''
  code.value = location.hash.slice(1) // codes need no URL encoding
  find('form').addEventListener('submit', (event) => {
    event.preventDefault()
    verify()
  })
  if (number.value && code.value) verify()
}

const query =
  'query ($number: String!, $code: String!) { verifyDocument(number: $number, code: $code) { valid reason ' +
  'document { number kind sandbox revokedAt supersededBy agency { name } lines { label value } } } }'

export const script = `(${start})(${JSON.stringify(words)}, ${JSON.stringify(query)})\n`

export const style = `body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
label { display: block; margin: 0 0 1rem }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; border: 1px solid #767676; border-radius: .25rem }
button, .button { font: inherit; display: inline-block; text-decoration: none; padding: .5rem 1.5rem; border: 0; border-radius: .25rem; background: #0b6e8f; color: #fff }
.good, .bad { padding: .75rem 1rem; border-radius: .25rem; font-weight: 600 }
.note { padding: .5rem 1rem; border-radius: .25rem; background: #fff6dd; color: #5c4400; font-size: .875rem }
.good { background: #e3f4e7; color: #14532d }
.bad { background: #fdeaec; color: #8c1022 }
dt { color: #666; font-size: .875rem; margin-top: .75rem }
dd { margin: 0; overflow-wrap: anywhere }
`

export const page = `<!doctype html>
<html lang="az">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.az.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/verify/page.css">
</head>
<body>
<main>
<h1 id="title">${words.az.title}</h1>
<form id="form">
<label><span id="of-number">${words.az.number}</span><input id="number" required autocomplete="off" spellcheck="false"></label>
<label><span id="of-code">${words.az.code}</span><input id="code" required autocomplete="off" spellcheck="false"></label>
<button id="verify">${words.az.verify}</button>
</form>
<div id="answer" role="status"></div>
</main>
<noscript>JavaScript lazımdır · JavaScript is needed · Нужен JavaScript</noscript>
<script src="/verify/page.js"></script>
</body>
</html>
`
