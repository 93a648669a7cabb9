import { Field, ID, InputType, Int } from 'type-graphql'
import { getForm } from '../catalogue/forms/form.repository.js'
import { type Command, command, type Declaration, made, type Refused, refused } from '../engine/command.js'
import type { Class } from '../engine/declare.js'
import type { UserError } from '../engine/userError.js'
import type { Acting } from '../events/commandKeys.js'
import { ownCase } from '../identity/officers/ownCase.js'
import { Application } from './application.js'
import { type Case, lockCase, type Moved, move } from './application.repository.js'
import { formVersionOf, labelsIn } from './drafts/form.repository.js'
import { notNow } from './refusal.rules.js'
import { type Action, type CaseFacts, type Transition, transitionOf } from './transition.rules.js'

@InputType()
export abstract class ApplicationInput {
  @Field(() => ID, { description: 'ID of the application.' })
  applicationId!: string
  revision?: number | null
}
/** Input of a command that requires the revision that the caller saw. */
@InputType()
export abstract class SeenApplicationInput extends ApplicationInput {
  @Field(() => Int, {
    description: '`revision` that the caller saw. Returns CONFLICT if the application has changed since.',
  })
  override revision!: number
}

/** The errors of every command on an application, for its description. */
export const commonErrors =
  'Returns NOT_FOUND if the caller sees no such application, and NOT_ALLOWED_NOW in the wrong state.'

/** An action on a locked application that the state machine allows now. */
export interface Doing<Input = ApplicationInput> extends Acting, Case {
  input: Input
  transition: Transition
  now: Date
}

/** What a command changes. */
export interface Change
  extends Pick<
    Partial<Moved>,
    'set' | 'text' | 'files' | 'decisionId' | 'due' | 'transferId' | 'mandates' | 'revises' | 'ids'
  > {
  /** Changes to the standing, which decide where the action leads. */
  facts?: Partial<CaseFacts>
  /** Values of the payload that a repeat does not get. */
  once?: Record<string, unknown>
  /** Runs in the same transaction, after the application has moved. */
  after?(): Promise<unknown>
}

type Declared<Input extends object, Prepared> = Declaration<Input, 'application', Acting, Prepared>
interface ApplicationCommand<Input extends ApplicationInput, Prepared>
  extends Pick<Declared<Input, Prepared>, 'name' | 'description' | 'allowedTo' | 'limitedTo' | 'once' | 'prepare'>,
    Partial<Pick<Declared<Input, Prepared>, 'key' | 'creates'>> {
  /** Defaults to the application and an optional revision. */
  input?: Class<Input>
  /** The action in the state machine, which says who may do it, when, where it leads, and which event it writes. */
  action: Action | ((input: Input) => Action)
  /** Errors that the input alone shows. */
  checks?(input: Input): UserError[]
  /** The columns it sets. Use `change` if it reads or writes anything else. */
  set?(doing: Doing<Input>): Change['set']
  change?(doing: Doing<Input>, prepared: Prepared): Promise<Change | Refused>
}

/**
 * Declares a command on an application. The command locks the application, compares the revision, looks the action up in
 * the state machine, runs the checks, and moves the application with a timeline entry and an event.
 */
export const applicationCommand = <Input extends ApplicationInput = ApplicationInput, Prepared = undefined>(
  declaration: ApplicationCommand<Input, Prepared>,
): Command => {
  const { name, description, allowedTo, limitedTo, once, prepare, action, checks, set, change } = declaration
  return command<Input, 'application', Acting, Prepared>({
    name,
    description: `${description} ${commonErrors}`,
    allowedTo,
    limitedTo,
    input: declaration.input ?? (inputOf(name) as Class<Input>), // the default of Input
    key: declaration.key ?? 'optional',
    creates: declaration.creates ?? false,
    made: { application: { type: Application, description: 'Application after the change.' } },
    once,
    prepare,
    async act(input, acting, prepared) {
      const found = await caseFor(acting, input, typeof action === 'function' ? action(input) : action)
      if ('userErrors' in found) return found
      const userErrors = checks?.(input) ?? []
      if (userErrors.length > 0) return refused(userErrors)
      const doing = { ...acting, ...found, input }
      const changed = (await change?.(doing, prepared)) ?? { set: set?.(doing) }
      if ('userErrors' in changed) return changed
      await moveBy(doing, changed)
      await changed.after?.()
      return made({ application: found.application.id }, changed.once)
    },
  })
}

function inputOf(command: string): Class<ApplicationInput> {
  const name = `${command[0]?.toUpperCase()}${command.slice(1)}Input`
  const input = { [name]: class extends ApplicationInput {} }[name] as Class<ApplicationInput> // just made
  InputType(name, { description: `Input of \`${command}\`.` })(input)
  const description = 'Returns CONFLICT if the application has another `revision`. Null skips this check.'
  Field(() => Int, { nullable: true, description })(input.prototype, 'revision')
  return input
}

/** What an action needs. Whoever confirms acts under no mandate or appointment. */
type Moving = Acting &
  Pick<Doing, 'application' | 'facts' | 'transition' | 'now'> &
  Partial<Pick<Doing, 'mandates' | 'under'>>

/** Moves an application by its transition. The timeline says that the caller did it, and under which mandates. */
export async function moveBy(
  { tx, context, application, facts, transition, mandates, under, now }: Moving,
  { facts: anew, once: _once, after: _later, ids, ...change }: Change = {},
): Promise<void> {
  const { caller, keyring } = context
  await move(tx, keyring, {
    application,
    facts: { ...facts, ...anew },
    transition,
    at: now,
    actor: caller.id,
    officerId: caller.kind === 'OFFICER' ? caller.party : null,
    mandates,
    ids: { ...under, ...ids },
    ...change,
  })
}

/** Locks the application and looks the action up, or returns why the caller may not do it. */
export async function caseFor(
  acting: Acting,
  { applicationId: id, revision }: ApplicationInput,
  action: Action,
): Promise<(Case & Pick<Doing, 'transition' | 'now'>) | Refused> {
  const found = await lockCase(acting, id)
  if (!found) return refused([unknownApplication])
  if (revision != null && revision !== found.application.revision)
    return refused([overtakenAt(found.application.revision)])
  return await allowedNow(acting.tx, action, found, acting.context.now())
}

/** Looks the action up in the state machine, or returns why the caller may not do it. */
export async function allowedNow<Found extends Pick<Doing, 'application' | 'facts' | 'relation'>>(
  tx: Acting['tx'],
  action: Action,
  found: Found,
  now: Date,
): Promise<(Found & Pick<Doing, 'transition' | 'now'>) | Refused> {
  const transition = transitionOf(action, found.facts, found.relation, now)
  if (!('refused' in transition)) return { ...found, transition, now }
  if (transition.refused === 'own_case' && found.relation.tie) throw ownCase(found.relation.tie)
  const { unsettled } = found.application
  const labels =
    transition.refused === 'unsettled' ? labelsIn(await getForm(tx, formVersionOf(found.application)), unsettled) : []
  return refused([notNow(transition.refused, labels)])
}

export const unknownApplication: UserError = {
  code: 'NOT_FOUND',
  reason: 'application.unknown',
  field: ['applicationId'],
}
export const overtakenAt = (revision: number): UserError => ({
  code: 'CONFLICT',
  reason: 'application.changed',
  field: ['revision'],
  params: { revision },
})
