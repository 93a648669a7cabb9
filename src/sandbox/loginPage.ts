import { SubjectKind } from '../identity/parties/identity.table.js'
import type { Assurance } from '../shared/assurance.table.js'
import type { Language, Words } from '../shared/words.js'
import { escaped, type Page, policyOf } from './html.js'
import type { Persona } from './personas.js'

const groups: { heading: Required<Words>; kinds: SubjectKind[] }[] = [
  {
    heading: { az: 'Şəxslər', en: 'Persons', ru: 'Лица' },
    kinds: [SubjectKind.CITIZEN, SubjectKind.FOREIGNER, SubjectKind.STATELESS],
  },
  { heading: { az: 'Məmurlar', en: 'Officers', ru: 'Должностные лица' }, kinds: [SubjectKind.OFFICER] },
  {
    heading: { az: 'Operator və nəzarət', en: 'Operation and oversight', ru: 'Оператор и надзор' },
    kinds: [SubjectKind.OPERATOR, SubjectKind.AUDITOR],
  },
]

const assurances: Record<Assurance, Required<Words>> = {
  NONE: { az: 'təsdiqsiz', en: 'not shown', ru: 'без подтверждения' },
  LOW: { az: 'e-poçt və ya telefon', en: 'e-mail or telephone', ru: 'эл. почта или телефон' },
  SUBSTANTIAL: { az: 'yoxlanılmış hesab', en: 'account of a checked person', ru: 'проверенная учётная запись' },
  HIGH: { az: 'elektron imza', en: 'electronic signature', ru: 'электронная подпись' },
}

const words = {
  choose: { az: 'Kim kimi daxil olursunuz?', en: 'Who signs in?', ru: 'Кто входит?' },
  madeUp: {
    az: 'Bu, sınaq mühitidir: buradakı heç kim həqiqi deyil və heç bir şifrə soruşulmur.',
    en: 'This is a sandbox: nobody here is real, and no password is asked for.',
    ru: 'Это тестовая среда: никто из этих лиц не существует, пароль не нужен.',
  },
  backTo: { az: 'Sonra qayıdacağınız ünvan:', en: 'Then you go back to', ru: 'Затем вы вернётесь на' },
  assurance: { az: 'Etibar səviyyəsi', en: 'Assurance', ru: 'Уровень доверия' },
  cancel: { az: 'İmtina et', en: 'Cancel', ru: 'Отмена' },
  login: { az: 'Sınaq mühitinə giriş', en: 'The login of a sandbox', ru: 'Вход в тестовую среду' },
  begin: {
    az: 'Proqramınız insanları bura göndərir; kim ola biləcəyiniz aşağıda yazılıb.',
    en: 'Your program sends people here; below is who they can be.',
    ru: 'Ваша программа направляет людей сюда; ниже перечислено, кем можно войти.',
  },
  failed: { az: 'Daxil olmaq mümkün olmadı', en: 'This sign-in cannot go on', ru: 'Вход невозможен' },
} satisfies Record<string, Required<Words>>

/** Asks who signs in. The form posts to the same address. */
export function choicePage(personas: readonly Persona[], backTo: string, language: Language): Page {
  const { origin } = new URL(backTo)
  const button = ({ name, ...persona }: Persona) =>
    `<button name="persona" value="${escaped(name)}">${described({ name, ...persona }, language)}</button>`
  const body = `<h1>${words.choose[language]}</h1>
<p>${words.madeUp[language]}</p>
<p>${words.backTo[language]} <strong>${escaped(origin)}</strong></p>
<form method="post">
${listed(personas, language, button)}
<p><button class="cancel" name="cancel" value="yes">${words.cancel[language]}</button></p>
</form>`
  return pageOf(words.choose[language], body, language, origin)
}

/** For people who open the address by hand. */
export function frontPage(personas: readonly Persona[], language: Language): Page {
  const body = `<h1>${words.login[language]}</h1>
<p>${words.madeUp[language]} ${words.begin[language]}</p>
${listed(personas, language, (persona) => described(persona, language))}
<p><a href="/.well-known/openid-configuration">OpenID Connect Discovery</a> · <code>npm run --silent token -- citizen</code></p>`
  return pageOf(words.login[language], body, language)
}

export function faultPage(code: string, description: string | undefined, language: Language): Page {
  const body = `<h1>${words.failed[language]}</h1>
<p lang="en"><code>${escaped(code)}</code>${description ? `: ${escaped(description)}` : ''}</p>`
  return pageOf(words.failed[language], body, language)
}

const listed = (personas: readonly Persona[], language: Language, shown: (persona: Persona) => string) =>
  groups
    .map(({ heading, kinds }) => {
      const members = personas.filter(({ kind }) => kinds.includes(kind))
      const lists = [...new Set(members.map(({ agency }) => agency))].map((agency) => {
        const items = members.filter((member) => member.agency === agency).map((member) => `<li>${shown(member)}</li>`)
        return `${agency ? `<h3>${escaped(agency)}</h3>\n` : ''}<ul>\n${items.join('\n')}\n</ul>`
      })
      return `<h2>${heading[language]}</h2>\n${lists.join('\n')}`
    })
    .join('\n')

const described = ({ name, is, assurance }: Persona, language: Language) =>
  `<strong>${escaped(is[language])}</strong> <code>${escaped(name)}</code> <small>${words.assurance[language]}: ` +
  `${assurance} (${assurances[assurance][language]})</small>`

const style = `
:root { color-scheme: light; font: 1rem/1.5 system-ui, sans-serif; color: #1b1b1b; background: #f4f4f1 }
body { margin: 0 }
header { background: #8a1c1c; color: #fff; padding: .5rem 1rem; font-size: 2rem; font-weight: 800; letter-spacing: .3em; text-align: center }
main { max-width: 44rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.6rem; margin: 1rem 0 }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem }
h3 { font-size: 1rem; margin: .75rem 0 .25rem }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)) }
li, button { overflow-wrap: anywhere }
button { font: inherit; color: inherit; text-align: left; width: 100%; height: 100%; padding: .6rem .9rem; background: #fff; border: 1px solid #767676; border-radius: .4rem; cursor: pointer }
button:hover { background: #fff6e0 }
button:focus-visible, a:focus-visible { outline: 3px solid #0b57d0; outline-offset: 2px }
button.cancel { width: auto; height: auto }
code { font-size: .9em; color: #5a3d00 }
li code { display: inline-block }
small { display: block; color: #4a4a4a }
`

function pageOf(title: string, body: string, language: Language, leadsTo?: string): Page {
  const html = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SANDBOX: ${title}</title>
<style>${style}</style>
</head>
<body>
<header>SANDBOX</header>
<main>
${body}
</main>
</body>
</html>
`
  return { html, policy: policyOf(style, leadsTo) }
}
