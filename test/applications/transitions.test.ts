import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { ApplicationState, applications, DecisionOutcome, decisions } from '../../src/applications/application.table.js'
import { Doer, transitions } from '../../src/applications/transition.rules.js'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { Power } from '../../src/identity/mandate.table.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, registrars } from '../support/applying.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'
import { as } from '../support/tokens.js'

type State = keyof typeof ApplicationState

/**
 * What each may do where, written a second time and without a look at the table: the applicant and who files for them (A), an
 * officer who has it (h), one who has it and approves (H), one who has it not (n), one who may take it (t); and where it leads.
 */
const may: Record<State, Record<string, [who: string, to?: State]>> = {
  DRAFT: { SAVE: ['A'], SUBMIT: ['A', 'SUBMITTED'], WITHDRAW: ['A', 'WITHDRAWN'] },
  AWAITING_CONFIRMATION: { WITHDRAW: ['A', 'WITHDRAWN'] },
  AWAITING_PAYMENT: { WITHDRAW: ['A', 'WITHDRAWN'], OPEN: ['n'] },
  SUBMITTED: { WITHDRAW: ['A', 'WITHDRAWN'], OPEN: ['n'] },
  REGISTERED: { WITHDRAW: ['A', 'WITHDRAWN'], ASSIGN: ['t', 'IN_REVIEW'], OPEN: ['n'], EXTEND: ['H'], MESSAGE: ['Ah'] },
  IN_REVIEW: {
    ...{ WITHDRAW: ['A', 'WITHDRAWN'], ASSIGN: ['t'], OPEN: ['n'], MESSAGE: ['Ah'], EXTEND: ['H'] },
    ...{ REQUEST_INFORMATION: ['h', 'INFORMATION_REQUESTED'], APPROVE: ['H', 'APPROVED'], REFUSE: ['H', 'REFUSED'] },
    DISCONTINUE: ['H', 'DISCONTINUED'],
  },
  INFORMATION_REQUESTED: {
    ...{ WITHDRAW: ['A', 'WITHDRAWN'], ASSIGN: ['t'], OPEN: ['n'], MESSAGE: ['Ah'], RESPOND: ['A', 'IN_REVIEW'] },
  },
  APPROVED: { ASSIGN: ['t'], OPEN: ['n'], COMPLETE: ['h', 'COMPLETED'] },
  REFUSED: { OPEN: ['n'], APPEAL: ['A', 'REGISTERED'] },
  DISCONTINUED: { OPEN: ['n'], APPEAL: ['A', 'REGISTERED'] },
  WITHDRAWN: { OPEN: ['n'] },
  COMPLETED: { OPEN: ['n'] },
}

const decided = { ground: 'Səbəb', norm: 'Norma 1' }
/** By which command each is done, and what is said with it. */
const commands: Record<string, [name: string, input: object, revised?: boolean]> = {
  SAVE: ['saveDraft', { answers: {} }, true],
  SUBMIT: ['submitApplication', {}, true],
  WITHDRAW: ['withdrawApplication', {}],
  ASSIGN: ['assignApplication', {}, true],
  OPEN: ['openApplication', { reason: 'Səbəb' }],
  REQUEST_INFORMATION: ['requestInformation', { text: 'Sənəd', until: '2026-12-10' }, true],
  RESPOND: ['respondToRequest', { text: 'Budur' }, true],
  EXTEND: ['extendTerm', { by: 5, reason: 'Səbəb' }, true],
  MESSAGE: ['sendMessage', { text: 'Salam' }],
  APPROVE: ['decideApplication', { outcome: 'APPROVED', ...decided }, true],
  REFUSE: ['decideApplication', { outcome: 'REFUSED', ...decided }, true],
  DISCONTINUE: ['decideApplication', { outcome: 'DISCONTINUED', ...decided }, true],
  APPEAL: ['appealDecision', { text: 'Səbəb' }],
  COMPLETE: ['completeApplication', {}],
}
const ofApplicants = ['SAVE', 'SUBMIT', 'WITHDRAW', 'RESPOND', 'APPEAL']
const ofApprovers = ['EXTEND', 'APPROVE', 'REFUSE', 'DISCONTINUE']

const [reviewer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const
const persons = { citizen: 'A', 'company-delegate': 'A', 'company-head': '', 'other-citizen': '', stateless: null }
const everybody = [...Object.keys(persons), reviewer, deputy, head, 'other-officer']

const { database, clock, ask, look, whole, appointed } = await applyingOf()
const { db } = database
const parties = partiesIn(database)
const ids: Record<string, string> = {}
let answers: Record<string, unknown>
beforeAll(async () => {
  clock.set(new Date('2026-11-25T08:00:00Z'))
  await registrars(database)
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER', 'APPROVER'])
  for (const persona of everybody) ids[persona] = await parties.persona(persona)
  const given = [
    ['company-delegate', [Power.VIEW, Power.FILE]],
    ['company-head', [Power.VIEW]],
  ] as const
  for (const [persona, powers] of given)
    await parties.give(ids.citizen as string, ids[persona] as string, {
      powers: [...powers],
      services: ['DIN-ADDRESS-REG'],
    })
  const { number } = await whole()
  answers = (await look(number, 'content { answers }')).content.answers
})

interface Template {
  state: State
  /** Who has it. */
  officer: string | null
}
const assignable: State[] = ['IN_REVIEW', 'INFORMATION_REQUESTED', 'APPROVED', 'REFUSED', 'DISCONTINUED', 'COMPLETED']
const templates: Template[] = (Object.keys(ApplicationState) as State[]).flatMap((state) =>
  (assignable.includes(state) ? [deputy, reviewer, null] : [null]).map((officer) => ({ state, officer })),
)

/** An application of the citizen that stands so, which a second applicant has confirmed. */
async function fresh({ state, officer }: Template) {
  const at = new Date('2026-11-24T08:00:00Z')
  const isDecided = ['APPROVED', 'REFUSED', 'COMPLETED'].includes(state) || state === 'DISCONTINUED'
  const partyId = ids.citizen as string
  const id = await insertApplication(database, keyring, {
    ...{ partyId, service: 'DIN-ADDRESS-REG', state, answers },
    more: {
      ...{
        officerId: officer ? (ids[officer] as string) : null,
        dueOn: '2026-12-02',
        decidedAt: isDecided ? at : null,
      },
      ...{ dueAt: new Date('2026-12-02T14:00:00Z'), pausedAt: state === 'INFORMATION_REQUESTED' ? at : null },
    },
  })
  await database.client`
    insert into co_applicants (id, application_id, party_id, code_hash, invited_at, expires_at, confirmed_at)
    values (gen_random_uuid(), ${id}, ${ids['other-citizen'] as string}, 'x', now(), now(), now())`
  if (isDecided && state !== 'APPROVED' && state !== 'COMPLETED')
    await db.insert(decisions).values({
      ...{ applicationId: id, partyId, outcome: DecisionOutcome[state as 'REFUSED' | 'DISCONTINUED'], at },
      ...{ officerId: ids[head], appealUntil: new Date('2026-12-25T14:00:00Z') },
    })
  const [row] = await db.select().from(applications).where(eq(applications.id, id))
  return { id: nodeIdOf('Application', id), number: row?.number as string, revision: 1 }
}

const isOfficer = (persona: string) => [reviewer, deputy, head].includes(persona as typeof head)
/** Null: they do not see it. */
function letters(persona: string, { state, officer }: Template): string | null {
  if (persona in persons) return persons[persona as keyof typeof persons]
  if (!isOfficer(persona) || state === 'DRAFT') return null
  const has = officer === persona
  const approves = persona !== reviewer
  return [has ? 'h' : 'n', has && approves ? 'H' : '', has || approves || !officer ? 't' : ''].join('')
}
const isAllowed = (persona: string, template: Template, action: string) => {
  const [who = ''] = may[template.state][action] ?? []
  return [...who].some((letter) => letters(persona, template)?.includes(letter))
}

let keys = 0
/** All of them in one operation, one after another. */
async function told(persona: string, actions: string[], target: { id: string; revision: number }) {
  const inputs = actions.map((action) => {
    const [, input, revised] = commands[action] as (typeof commands)[string]
    const about = { application: target.id, ...(revised ? { revision: target.revision } : {}) }
    return { ...about, ...input, idempotencyKey: `a-key-of-transitions-${++keys}` }
  })
  const nameOf = (action: string) => commands[action]?.[0] as string
  const typeOf = (action: string) => `${nameOf(action)[0]?.toUpperCase()}${nameOf(action).slice(1)}Input!`
  const query = `mutation (${actions.map((action) => `$${action}: ${typeOf(action)}`)}) {
    ${actions.map((action) => `${action}: ${nameOf(action)}(input: $${action}) { application { state } userErrors { reason } }`).join('\n')} }`
  const variables = Object.fromEntries(actions.map((action, at) => [action, inputs[at]]))
  const { data, errors = [] } = await ask(query, { headers: await as(persona), variables, language: 'en' })
  return Object.fromEntries(
    actions.map((action) => {
      const code = errors.find(({ path }) => path?.[0] === action)?.extensions.code
      const reasons = data?.[action]?.userErrors.map(({ reason }: { reason: string }) => reason)
      return [action, code ?? (reasons?.join(' ') || 'done')]
    }),
  )
}

/** As what is not to be done is refused: by the rule, as what is not there, or with the reason that viewerCan tells. */
function refusalOf(persona: string, template: Template, action: string, reason: string | undefined): string {
  const isOf = persona in persons ? 'persons' : 'officers'
  const forOfficers = !ofApplicants.includes(action) && action !== 'MESSAGE'
  if (isOf === 'persons' ? forOfficers : ofApplicants.includes(action)) return 'FORBIDDEN'
  if (persona === reviewer && ofApprovers.includes(action)) return 'FORBIDDEN'
  return letters(persona, template) === null ? 'application.unknown' : (reason ?? 'no reason')
}

describe.each(templates)('In $state, which $officer has,', (template) => {
  // Who is no officer of the agency is told the same, whoever has it.
  const [first] = templates.filter(({ state }) => state === template.state)
  it.each(everybody.filter((persona) => isOfficer(persona) || template === first))(
    '%s does what the table lets them, and viewerCan says so',
    async (persona) => {
      const shared = await fresh(template)
      const seen = await look(shared.number, 'state viewerCan { action allowed reason }', persona)
      const actions = Object.keys(commands)
      const allowed = actions.filter((action) => isAllowed(persona, template, action))
      const can = new Map<string, { allowed: boolean; reason: string | null }>(
        (seen?.viewerCan ?? []).map((one: { action: string }) => [one.action, one]),
      )
      expect(seen === null).toBe(letters(persona, template) === null)
      if (seen) expect(actions.filter((action) => can.get(action)?.allowed)).toEqual(allowed)

      const others = actions.filter((action) => !allowed.includes(action))
      const expected = others.map((action) => [
        action,
        refusalOf(persona, template, action, can.get(action)?.reason ?? undefined),
      ])
      expect(await told(persona, others, shared)).toEqual(Object.fromEntries(expected))
      expect(await look(shared.number, 'state revision')).toEqual({ state: template.state, revision: 1 })

      for (const action of allowed) {
        const target = await fresh(template)
        const hasIt = action === 'ASSIGN' && template.officer === persona
        expect(await told(persona, [action], target)).toEqual({
          [action]: hasIt ? 'application.assigned_already' : 'done',
        })
        const [, to = template.state] = may[template.state][action] as [string, State?]
        expect([action, (await look(target.number, 'state')).state]).toEqual([action, hasIt ? template.state : to])
      }
    },
  )
})

it('The table has no transition that nobody looked at here', () => {
  const byHand = Object.entries(may).flatMap(([state, actions]) =>
    Object.keys(actions).map((name) => `${state} ${name}`),
  )
  const declared = transitions
    .filter(({ by }) => by.some((doer) => doer !== Doer.SYSTEM && doer !== Doer.INVITED))
    .flatMap(({ action, from, by }) =>
      by.every((doer) => doer === Doer.SYSTEM) ? [] : from.map((state) => `${state} ${action}`),
    )
  expect([...new Set(declared)].sort()).toEqual(byHand.sort())
})
