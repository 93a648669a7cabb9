import { beforeAll, describe, expect, it } from 'vitest'
import { ApplicationState } from '../../src/applications/application.table.js'
import { DecisionOutcome, decisions } from '../../src/applications/decisions/decision.table.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { insertCoApplicant } from '../support/applicationRow.js'
import { applyingOf, type Case, registrars } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { long } from '../support/long.js'
import { partiesIn } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { allowedActions, isAllowed, lettersOfOfficer, type State, states } from './allowedActions.js'

const { database, ask, read, partyOf, inserted } = await applyingOf()
const [reviewer, deputy, head] = ['registration-officer', 'registration-deputy', 'registration-head'] as const

const reasoning = 'Səbəb'
/** The mutation of each action, its input, and whether that has a revision. */
const commands: Record<string, [name: string, input: object, hasRevision?: boolean]> = {
  SAVE: ['saveDraft', { answers: {} }, true],
  SUBMIT: ['submitApplication', {}, true],
  RENEW_INVITATION: ['renewInvitation', {}],
  WITHDRAW: ['withdrawApplication', {}],
  ASSIGN: ['assignApplication', {}, true],
  OPEN: ['openApplication', { reason: 'Səbəb' }],
  NOTE: ['addNote', { text: 'Qeyd' }],
  PROPOSE: ['proposeDecision', { outcome: 'APPROVED' }, true],
  REQUEST_INFORMATION: ['requestInformation', { text: 'Sənəd', until: '2026-12-10' }, true],
  RESPOND: ['respondToRequest', { text: 'Budur' }, true],
  EXTEND: ['extendTerm', { units: 5, reason: 'Səbəb' }, true],
  TRANSFER: ['transferApplication', { agencyCode: 'DMX', serviceCode: 'DMX-TRP', reason: 'Səbəb' }, true],
  MESSAGE: ['sendApplicationMessage', { text: 'Salam' }],
  APPROVE: ['decideApplication', { outcome: 'APPROVED', reasoning }, true],
  REFUSE: ['decideApplication', { outcome: 'REFUSED', reasoning, groundCodes: ['FALSE_DATA'] }, true],
  DISCONTINUE: ['decideApplication', { outcome: 'DISCONTINUED', reasoning, norm: 'Norma 1' }, true],
  APPEAL: ['appealDecision', { text: 'Səbəb' }],
  COMPLETE: ['completeApplication', {}],
}
const actions = Object.keys(commands)
const ofApplicants = ['SAVE', 'SUBMIT', 'RENEW_INVITATION', 'WITHDRAW', 'RESPOND', 'APPEAL']
const ofApprovers = ['EXTEND', 'TRANSFER', 'APPROVE', 'REFUSE', 'DISCONTINUE']

/** The letters of persons; null for those who do not see the application. */
const persons: Record<string, string | null> = {
  citizen: 'A',
  'company-delegate': 'A',
  'company-head': '',
  'other-citizen': 'C',
  stateless: null,
}
const officers: string[] = [reviewer, deputy, head]

interface Setting {
  state: State
  /** The officer to whom it is assigned. */
  officer: string | null
  persona: string
}
const assignable: State[] = [
  'IN_REVIEW',
  'INFORMATION_REQUESTED',
  'UNDER_APPEAL',
  'APPROVED',
  'REFUSED',
  'DISCONTINUED',
  'COMPLETED',
]
const everySetting = states.flatMap((state) =>
  (assignable.includes(state) ? [deputy, reviewer, null] : [null]).flatMap((officer, place): Setting[] => {
    // Others get the same answers whoever has it.
    const others = place === 0 ? [...Object.keys(persons), 'other-officer'] : []
    return [...others, ...officers].map((persona) => ({ state, officer, persona }))
  }),
)
/** Each action is allowed once here, and refused to those who may not, do not have it, or do not see it. */
const sample: Setting[] = [
  { state: 'DRAFT', officer: null, persona: 'citizen' },
  { state: 'DRAFT', officer: null, persona: 'stateless' },
  { state: 'AWAITING_CONFIRMATION', officer: null, persona: 'citizen' },
  { state: 'REGISTERED', officer: null, persona: reviewer },
  { state: 'IN_REVIEW', officer: deputy, persona: deputy },
  { state: 'IN_REVIEW', officer: deputy, persona: head },
  { state: 'IN_REVIEW', officer: deputy, persona: 'other-officer' },
  { state: 'INFORMATION_REQUESTED', officer: deputy, persona: 'company-delegate' },
  { state: 'INFORMATION_REQUESTED', officer: deputy, persona: 'other-citizen' },
  { state: 'APPROVED', officer: deputy, persona: deputy },
  { state: 'REFUSED', officer: deputy, persona: 'citizen' },
]

beforeAll(async () => {
  await registrars(database)
  await appointed(database, 'other-officer', 'DMX', ['REVIEWER', 'APPROVER'])
  const given: [persona: string, powers: Power[]][] = [
    ['company-delegate', [Power.VIEW, Power.FILE]],
    ['company-head', [Power.VIEW]],
  ]
  for (const [persona, powers] of given)
    await partiesIn(database).give(await partyOf('citizen'), await partyOf(persona), {
      powers,
      services: ['DIN-ADDRESS-REG'],
    })
})

/** An application of the citizen in that setting, which `other-citizen` has confirmed as co-applicant. */
async function caseIn({ state, officer }: Setting): Promise<Case> {
  const at = new Date('2026-11-24T08:00:00Z')
  const isDecided = ['APPROVED', 'REFUSED', 'DISCONTINUED', 'COMPLETED'].includes(state)
  const found = await inserted({
    state: ApplicationState[state],
    more: {
      officerId: officer && (await partyOf(officer)),
      dueOn: '2026-12-02',
      dueAt: new Date('2026-12-02T14:00:00Z'),
      decidedAt: isDecided ? at : null,
      pausedAt: state === 'INFORMATION_REQUESTED' ? at : null,
    },
  })
  await insertCoApplicant(database, found.key, await partyOf('other-citizen'))
  if (state === 'REFUSED' || state === 'DISCONTINUED')
    await database.db.insert(decisions).values({
      applicationId: found.key,
      partyId: await partyOf('citizen'),
      outcome: DecisionOutcome[state],
      at,
      officerId: await partyOf(head),
      appealUntil: new Date('2026-12-25T14:00:00Z'),
    })
  return found
}

function lettersOf({ persona, officer, state }: Setting): string | null {
  if (persona in persons) return persons[persona] as string | null
  if (!officers.includes(persona) || state === 'DRAFT') return null
  return lettersOfOfficer({ isAssigned: officer === persona, isApprover: persona !== reviewer, isFree: !officer })
}

let keys = 0
/** Sends the mutations of these actions in one operation. Returns the outcome of each. */
async function outcomesOf(persona: string, wanted: string[], { id, revision }: Case) {
  const parts = wanted.map((action) => {
    const [name, input, hasRevision] = commands[action] as (typeof commands)[string]
    const about = { applicationId: id, ...(hasRevision && { revision }), idempotencyKey: `a-key-of-actions-${++keys}` }
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
    return {
      variable: [action, { ...about, ...input }] as const,
      declared: `$${action}: ${type}`,
      field: `${action}: ${name}(input: $${action}) { userErrors { reason } }`,
    }
  })
  const query = `mutation (${parts.map(({ declared }) => declared)}) { ${parts.map(({ field }) => field).join('\n')} }`
  const variables = Object.fromEntries(parts.map(({ variable }) => variable))
  const { data, errors = [] } = await ask(query, { headers: await as(persona), variables })
  return Object.fromEntries(
    wanted.map((action) => {
      const code = errors.find(({ path }) => path?.[0] === action)?.extensions.code
      const reasons = data?.[action]?.userErrors.map(({ reason }: { reason: string }) => reason)
      return [action, code ?? (reasons?.join(' ') || 'done')]
    }),
  )
}

/** The access rule refuses with FORBIDDEN, invisible applications are unknown, the rest has the reason of `viewerCan`. */
function refusalOf(setting: Setting, action: string, reason: string | null | undefined): string {
  const { persona } = setting
  const isPerson = persona in persons
  const isOfApplicants = ofApplicants.includes(action)
  if (isPerson ? !isOfApplicants && action !== 'MESSAGE' : isOfApplicants) return 'FORBIDDEN'
  if (persona === reviewer && ofApprovers.includes(action)) return 'FORBIDDEN'
  return lettersOf(setting) === null ? 'application.unknown' : (reason ?? 'no reason')
}

describe('Application.viewerCan', () => {
  const allowedOnce = new Set<string>()

  it.each(long ? everySetting : sample)(
    'agrees with every mutation: $state, assigned to $officer, asked by $persona',
    async (setting) => {
      const { persona, state, officer } = setting
      const found = await caseIn(setting)
      const seen = await read(found.number, 'viewerCan { action allowed reason }', persona)
      const letters = lettersOf(setting)
      const allowed = actions.filter((action) => isAllowed(letters ?? '', state, action))
      const can = new Map<string, { allowed: boolean; reason: string | null }>(
        (seen?.viewerCan ?? []).map((one: { action: string }) => [one.action, one]),
      )
      expect(seen === null).toBe(letters === null)
      expect(actions.filter((action) => can.get(action)?.allowed)).toEqual(allowed)

      const others = actions.filter((action) => !allowed.includes(action))
      const refused = others.map((action) => [action, refusalOf(setting, action, can.get(action)?.reason)])
      expect(await outcomesOf(persona, others, found)).toEqual(Object.fromEntries(refused))
      expect(await read(found.number, 'state revision')).toEqual({ state, revision: found.revision })

      for (const action of allowed.filter((action) => long || !allowedOnce.has(action))) {
        const fresh = await caseIn(setting)
        const isTheirs = action === 'ASSIGN' && officer === persona
        expect(await outcomesOf(persona, [action], fresh)).toEqual({
          [action]: isTheirs ? 'application.assigned_already' : 'done',
        })
        const [, to = state] = allowedActions[state][action] as [string, State?]
        // The document of this service is handed over.
        const next = to === 'APPROVED' && to !== state ? 'READY' : to
        expect([action, (await read(fresh.number, 'state')).state]).toEqual([action, isTheirs ? state : next])
        allowedOnce.add(action)
      }
    },
  )

  it('was seen to allow each action', () => {
    expect([...allowedOnce].sort()).toEqual([...actions].sort())
  })
})
