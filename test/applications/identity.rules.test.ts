import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import {
  boundsIn,
  type Identity,
  mismatchesIn,
  type Persons,
  spouseIn,
  unknownPerson,
} from '../../src/applications/drafts/identity.rules.js'
import type { FormNode } from '../../src/catalogue/forms/form.fields.js'
import type { IdentityFact } from '../../src/catalogue/forms/form.persons.js'
import { CivilActRole } from '../../src/exchange/registries/civilStatus.js'
import { PersonStatus } from '../../src/identity/parties/particulars.table.js'

const text = (fact?: IdentityFact): FormNode => ({
  type: 'string',
  maxLength: 100,
  ...(fact && { 'x-identity': fact }),
})
const object = (properties: Record<string, FormNode>, more: FormNode = {}): FormNode => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
})
const person = {
  hasFin: { type: 'boolean', 'x-identity': 'hasFin' },
  fin: text('fin'),
  passport: text('documentNumber'),
  issuer: text('documentCountry'),
  surname: text('surname'),
  givenName: text('givenName'),
  patronymic: text('patronymic'),
  birthDate: text('birthDate'),
  citizenship: text('citizenship'),
} as Record<string, FormNode>
const others = { ...person, fin: text() }
const schema = object({
  applicant: object(person, { 'x-subject': 'applicant' }),
  organisation: object({ voen: text('voen'), name: text('name') }, { 'x-subject': 'applicant' }),
  declarant: text(),
  mother: object(person, { 'x-subject': 'fin', 'x-applicant': [{ at: '/declarant', in: ['MOTHER'] }] }),
  father: object(person, { 'x-subject': 'fin', 'x-spouse': [{ at: '/declarant', in: ['MOTHER'] }] }),
  spouse: object(person, { 'x-subject': 'fin', 'x-confirms': ['fin'] }),
  head: object(person, { 'x-subject': 'head' }),
  household: { type: 'array', maxItems: 9, items: object(others, { 'x-subject': 'fin' }) },
})

const { CITIZEN, FOREIGNER, STATELESS } = PersonStatus
const identity = (known: Partial<Identity>): Identity => ({ ...unknownPerson, ...known })
const citizen = identity({ fins: ['AAA1111'], name: 'Ayan Sınaq', birthDate: '1990-01-01', status: CITIZEN })
const child = identity({ fins: ['CCC3333'], name: 'Uşaq Sınaq', birthDate: '2015-05-05', status: CITIZEN })
const foreigner = identity({ documents: [{ country: 'GEO', number: 'P1' }], name: 'Test Foreigner', status: FOREIGNER })
const resident = identity({ fins: ['RRR4444'], documents: [{ country: 'AZE', number: 'P2' }], status: FOREIGNER })
const stateless = identity({ documents: [{ country: 'XXA', number: 'P3' }], status: STATELESS })
const company = identity({ voens: ['9900000141'], name: 'Sınaq MMC' })
const director = identity({ fins: ['DDD5555'], name: 'Rəhbər Sınaq' })
const deputy = identity({ fins: ['EEE6666'], name: 'Müavin Sınaq' })

const husband = identity({ fins: ['HHH7777'], name: 'Ər Sınaq', birthDate: '1988-08-08' })

const around = (applicant: Identity, more: Partial<Persons> = {}): Persons => ({
  applicant,
  heads: [],
  wards: [],
  ...more,
})
const wrongIn = (answers: Record<string, unknown>, persons: Persons, isSettled = (_at: string) => false) =>
  mismatchesIn(answers, answers, boundsIn(schema, answers, persons), isSettled).map(({ at, params }) => [
    at,
    params.known,
  ])

describe('mismatchesIn', () => {
  it.each<[string, Persons, Record<string, unknown>, [string, unknown[]][]]>([
    ['accepts the FİN of sign-in', around(citizen), { applicant: { fin: 'AAA1111', hasFin: true } }, []],
    ['refuses another FİN', around(citizen), { applicant: { fin: 'BBB2222' } }, [['/applicant/fin', ['AAA1111']]]],
    [
      'refuses any FİN of a person without one',
      around(stateless),
      { applicant: { fin: 'BBB2222' } },
      [['/applicant/fin', []]],
    ],
    [
      'refuses that a citizen has none',
      around(citizen),
      { applicant: { hasFin: false } },
      [['/applicant/hasFin', [true]]],
    ],
    [
      'refuses another document number',
      around(foreigner),
      { applicant: { passport: 'P9' } },
      [['/applicant/passport', ['P1']]],
    ],
    ['accepts any document number if sign-in knows of none', around(citizen), { applicant: { passport: 'P9' } }, []],
    [
      'refuses another birth date',
      around(citizen),
      { applicant: { birthDate: '1991-01-01' } },
      [['/applicant/birthDate', ['1990-01-01']]],
    ],
    [
      'accepts any birth date that sign-in does not know',
      around(stateless),
      { applicant: { birthDate: '1991-01-01' } },
      [],
    ],
    [
      'refuses another citizenship of a citizen',
      around(citizen),
      { applicant: { citizenship: 'GEO' } },
      [['/applicant/citizenship', ['AZE']]],
    ],
    [
      'refuses a citizenship of a stateless person',
      around(stateless),
      { applicant: { citizenship: 'GEO' } },
      [['/applicant/citizenship', ['XXA']]],
    ],
    [
      'refuses a citizenship other than that of the passport',
      around(foreigner),
      { applicant: { citizenship: 'TUR' } },
      [['/applicant/citizenship', ['GEO']]],
    ],
    [
      'refuses another country of the passport',
      around(foreigner),
      { applicant: { issuer: 'TUR' } },
      [['/applicant/issuer', ['GEO']]],
    ],
    [
      'concludes no citizenship or passport from a residence document of Azerbaijan',
      around(resident),
      { applicant: { citizenship: 'TUR', issuer: 'TUR' } },
      [],
    ],
    [
      'refuses a VÖEN and a name of another organisation',
      around(company),
      { organisation: { voen: '9900000271', name: 'Başqa MMC' } },
      [
        ['/organisation/voen', ['9900000141']],
        ['/organisation/name', ['Sınaq MMC']],
      ],
    ],
    [
      'refuses any VÖEN of a person without one',
      around(citizen),
      { organisation: { voen: '9900000271' } },
      [['/organisation/voen', []]],
    ],
    [
      'binds a part to the applicant with the answers that say so',
      around(citizen),
      { declarant: 'MOTHER', mother: { fin: 'BBB2222' } },
      [['/mother/fin', ['AAA1111']]],
    ],
    [
      'leaves that part free with other answers',
      around(citizen),
      { declarant: 'FATHER', mother: { fin: 'BBB2222' } },
      [],
    ],
    [
      'binds a part with the FİN of the applicant',
      around(citizen),
      { declarant: 'FATHER', mother: { fin: 'AAA1111', birthDate: '1980-01-01' } },
      [['/mother/birthDate', ['1990-01-01']]],
    ],
    [
      'binds a part to the spouse with the answers that say so',
      around(citizen, { spouse: husband }),
      { declarant: 'MOTHER', father: { hasFin: false, fin: 'BBB2222', surname: 'Başqa', birthDate: '1980-01-01' } },
      [
        ['/father/hasFin', [true]],
        ['/father/fin', ['HHH7777']],
        ['/father/birthDate', ['1988-08-08']],
        ['/father/surname', ['Ər Sınaq']],
      ],
    ],
    [
      'accepts the spouse, with what the marriage record does not say',
      around(citizen, { spouse: husband }),
      { declarant: 'MOTHER', father: { fin: 'HHH7777', surname: 'Sınaq', passport: 'P9', citizenship: 'TUR' } },
      [],
    ],
    [
      'accepts any FİN of a spouse whose FİN is not recorded',
      around(citizen, { spouse: { ...husband, fins: null } }),
      { declarant: 'MOTHER', father: { hasFin: true, fin: 'BBB2222', surname: 'Sınaq' } },
      [],
    ],
    [
      'leaves the part of the spouse free with other answers',
      around(citizen, { spouse: husband }),
      { declarant: 'RELATIVE', father: { fin: 'BBB2222', surname: 'Başqa' } },
      [],
    ],
    [
      'leaves the part of the spouse free without a marriage',
      around(citizen),
      { declarant: 'MOTHER', father: { fin: 'BBB2222', surname: 'Başqa' } },
      [],
    ],
    [
      'leaves the part of a co-applicant to them',
      around(citizen),
      { spouse: { fin: 'AAA1111', surname: 'Başqa' } },
      [],
    ],
    [
      'binds the head of the organisation',
      around(company, { heads: [director] }),
      { head: { fin: 'BBB2222', surname: 'Başqa' } },
      [
        ['/head/fin', ['DDD5555']],
        ['/head/surname', ['Rəhbər Sınaq']],
      ],
    ],
    [
      'allows each of several heads',
      around(company, { heads: [director, deputy] }),
      { head: { fin: 'BBB2222', surname: 'Başqa' } },
      [['/head/fin', ['DDD5555', 'EEE6666']]],
    ],
    [
      'binds the name to the one of several heads whose FİN it is',
      around(company, { heads: [director, deputy] }),
      { head: { fin: 'EEE6666', surname: 'Rəhbər' } },
      [['/head/surname', ['Müavin Sınaq']]],
    ],
    [
      'binds a represented minor in a list',
      around(citizen, { wards: [child] }),
      {
        household: [
          { fin: 'BBB2222', surname: 'Başqa' },
          { fin: 'CCC3333', surname: 'Başqa', birthDate: '2014-01-01' },
        ],
      },
      [
        ['/household/1/birthDate', ['2015-05-05']],
        ['/household/1/surname', ['Uşaq Sınaq']],
      ],
    ],
  ])('%s', (_what, persons, answers, wrong) => {
    expect(wrongIn(answers, persons)).toEqual(wrong)
  })

  it('binds the part of a co-applicant to them when they confirm, and no other', () => {
    const answers = { applicant: { fin: 'BBB2222' }, spouse: { fin: 'AAA1111', surname: 'Başqa' } }
    const bounds = boundsIn(schema, answers, around(citizen), '/spouse')
    const wrong = mismatchesIn(answers, answers, bounds, () => false)
    expect(wrong.map(({ at }) => at)).toEqual(['/spouse/surname'])
  })

  it('lets a register outweigh sign-in', () => {
    const answers = { applicant: { surname: 'Əliyeva', givenName: 'Ayan', birthDate: '1990-02-01' } }
    expect(wrongIn(answers, around(citizen), (at) => at !== '/applicant/givenName')).toEqual([])
  })

  it.each<
    [
      name: string,
      surname: string | undefined,
      givenName: string | undefined,
      patronymic: string | undefined,
      agrees: boolean,
    ]
  >([
    ['Ayan Sınaq', 'Sınaq', 'Ayan', undefined, true],
    ['SINAQ AYAN', 'Sınaq', 'Ayan', 'İlqar qızı', true],
    ['TEST FOREIGNER', 'Foreigner', 'Test', undefined, true],
    ['Sınaq Ayan İlqar qızı', 'Sınaq', 'Ayan', 'İlqar qızı', true],
    ['Sınaq Ayan İlqar qızı', 'Sınaq', 'Ayan', 'Tural qızı', false],
    ['Sınaq Ayan İlqar qızı', 'Sınaq', 'Ayan', undefined, true],
    ['Ayan Sınaq', undefined, 'Ayan', undefined, true],
    ['Ayan Sınaq', undefined, 'Aynur', undefined, false],
    ['Ayan Sınaq', 'Sınaq', 'Sınaq', undefined, false],
    ['Ayan Sınaq', 'Sınaq', 'Ayan Nur', undefined, false],
    ['Ayan Sınaq', '-', 'Ayan', undefined, false],
  ])(
    'compares the name %s with the surname %s, the given name %s and the patronymic %s',
    (name, surname, givenName, patronymic, agrees) => {
      const typed = Object.entries({ surname, givenName, patronymic }).filter(([, part]) => part !== undefined)
      const answers = { applicant: Object.fromEntries(typed) }
      expect(wrongIn(answers, around(identity({ name }))).length === 0).toBe(agrees)
    },
  )
})

describe('spouseIn', () => {
  const source = { registry: 'CIVIL', messageId: 'm', fetchedAt: '2026-11-25T08:00:00.000Z' }
  const inRole = (role: CivilActRole, fin: string | null) => ({ role, fin, name: `${role} Sınaq`, birthDate: null })
  const { HUSBAND, WIFE, OTHER } = CivilActRole
  const wife = inRole(WIFE, 'AAA1111')
  const husband = inRole(HUSBAND, 'HHH7777')
  it.each<[string, ReturnType<typeof inRole>[], string | undefined]>([
    ['the husband of the wife', [wife, husband], 'HUSBAND Sınaq'],
    ['the wife of the husband', [inRole(WIFE, 'WWW8888'), inRole(HUSBAND, 'AAA1111')], 'WIFE Sınaq'],
    ['a spouse without a FİN', [inRole(HUSBAND, null), wife], 'HUSBAND Sınaq'],
    ['no witness', [wife, inRole(OTHER, 'OOO9999'), husband], 'HUSBAND Sınaq'],
    ['nobody if neither is the person', [inRole(WIFE, null), husband], undefined],
    ['nobody if both are the person', [wife, inRole(HUSBAND, 'AAA1111')], undefined],
    ['nobody if only one is recorded', [husband], undefined],
  ])('is %s', (_what, persons, name) => {
    expect(spouseIn({ persons }, ['AAA1111'], source)?.name).toBe(name)
  })

  it('is what the record says, from its source', () => {
    const persons = [wife, { ...husband, birthDate: '1988-08-08' }]
    const known = { source, fins: ['HHH7777'], name: 'HUSBAND Sınaq', birthDate: '1988-08-08' }
    expect(spouseIn({ persons }, ['AAA1111'], source)).toEqual({ ...unknownPerson, ...known })
    expect(spouseIn(null, ['AAA1111'], source)).toBeUndefined()
  })
})
