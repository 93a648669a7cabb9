import { inArray } from 'drizzle-orm'
import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { ownPartyOf } from '../../shared/context.js'
import { invalid } from '../../shared/userErrors.js'
import { isSeen, moveTogether, relationsOf } from '../application.repository.js'
import { applications } from '../application.table.js'
import { overtakenAt, unknownApplication } from '../applicationCommand.js'
import { notNow } from '../refusal.rules.js'
import { Action, transitionOf } from '../transition.rules.js'
import { hasIt, officersNamed } from './assignApplication.js'

const maxItems = 100

@InputType({ description: 'Application to assign.' })
export class AssignmentInput {
  @Field(() => ID, { description: 'ID of the application.' })
  applicationId!: string
  @Field(() => Int, { description: '`revision` that the caller saw.' })
  revision!: number
}

@InputType({ description: 'Input of `assignApplications`.' })
export class AssignApplicationsInput {
  @Field(() => [AssignmentInput], { description: `Applications, 1 to ${maxItems}, each once.` })
  items!: AssignmentInput[]
  @Field(() => ID, {
    nullable: true,
    description:
      'ID of the appointment of a REVIEWER or APPROVER at the agency, from `appointments`. Defaults to the caller.',
  })
  appointmentId?: string | null
}

export const assignApplications = command({
  name: 'assignApplications',
  description:
    'Assigns several applications to one officer, all or none. The rules are those of `assignApplication`. Each user ' +
    'error has the item in its `field`. Returns INVALID unless there are 1 to 100 different applications, and CONFLICT ' +
    'for one that has changed.',
  allowedTo: caseOfficer,
  input: AssignApplicationsInput,
  key: 'required',
  creates: false,
  made: {},
  once: { count: { type: () => Int, description: 'Number of applications that were assigned. Null in a repeat.' } },
  async act({ items, appointmentId }: AssignApplicationsInput, acting: Acting) {
    const { tx, context } = acting
    const { caller } = context
    if (items.length === 0 || items.length > maxItems) return refused([wrongNumber])
    const keys = items.map(({ applicationId }) => keyIn(applicationId, 'Application'))
    // In one order, so that two who assign the same ones do not wait for each other.
    const rows = await tx
      .select()
      .from(applications)
      .where(inArray(applications.id, [...new Set(keys)]))
      .orderBy(applications.id)
      .for('update')
    const seen = (await relationsOf(acting, rows, { held: true })).filter(isSeen)
    const named = appointmentId == null ? [] : await officersNamed(acting, seen, { id: appointmentId })
    const known = new Map(seen.map((one, at) => [one.application.id, { ...one, officer: named[at] }]))
    const now = context.now()
    const checked = items.map(({ revision }, at) => {
      const key = keys[at] as string // as many
      if (keys.indexOf(key) < at) return { refused: twice }
      const found = known.get(key)
      if (!found) return { refused: unknownApplication }
      if (found.application.revision !== revision) return { refused: overtakenAt(found.application.revision) }
      const transition = transitionOf(Action.ASSIGN, found.facts, found.relation, now)
      if ('refused' in transition) return { refused: notNow(transition.refused) }
      const officer = found.officer ?? ownPartyOf(caller)
      if (typeof officer !== 'string') return { refused: officer }
      return officer === found.application.officerId ? { refused: hasIt } : { found, transition, officer }
    })
    const userErrors = checked.flatMap((one, at) => (one.refused ? [inItem(one.refused, at)] : []))
    if (userErrors.length > 0) return refused(userErrors)
    const cases = checked.flatMap(({ found, transition, officer }) => {
      if (!found) return []
      const { application, facts, under } = found
      return [{ application, facts, transition, ids: { officer, ...under } }]
    })
    const officerId = cases[0]?.ids.officer ?? null // the same for all
    await moveTogether(tx, { cases, set: { officerId }, at: now, actor: caller.id, officerId: ownPartyOf(caller) })
    return made({}, { count: cases.length })
  },
})

/** The error of the item at that place. An error about the officer concerns the item too. */
const inItem = (userError: UserError, at: number): UserError => ({
  ...userError,
  field: ['items', String(at), ...(userError.field?.filter((name) => name !== 'appointmentId') ?? [])],
})
const wrongNumber = invalid('assignment.items', ['items'], { most: maxItems })
const twice = invalid('assignment.twice', ['applicationId'])
