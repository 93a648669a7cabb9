import { Extensions } from 'type-graphql'
import { allow } from './shield.js'

/** What shield makes a rule of; its own types do not tell `cache` and `name` together. */
export interface Rule {
  name?: string
  cache?: unknown
  rules?: Rule[]
  resolve(...given: unknown[]): unknown
}
/** Open to all, signed in or not. */
export const anyone = allow as unknown as Rule // shield's own type keeps private what the guard must see

const ruled: [target: object, member: string | undefined][] = []
/**
 * Says who may use a root field, enter an object type, or read a field of one beyond its type's rule. Every root field and
 * every object type has a rule, or the server does not start.
 */
export const AllowedTo =
  (allowedTo: Rule) =>
  (target: object, member?: string): void => {
    const owner = member === undefined ? target : target.constructor
    // type-graphql hands rules down to subclasses, and of two rules would keep one.
    const isRelated = (other: object) => other === owner || isAbove(other, owner) || isAbove(owner, other)
    if (ruled.some(([other, of]) => of === member && isRelated(other)))
      throw new Error(`${[(owner as { name: string }).name, member].filter(Boolean).join('.')} has two rules.`)
    ruled.push([owner, member])
    Extensions({ allowedTo })(target as never, member as never) // typed as one kind of decorator at a time
  }
const isAbove = (ancestor: object, descendant: object) => Object.prototype.isPrototypeOf.call(ancestor, descendant)

/** The rule that `AllowedTo` gave to what a schema has. */
export const ruleOf = ({ extensions }: { extensions: Readonly<Record<string, unknown>> }) =>
  extensions.allowedTo as Rule | undefined
