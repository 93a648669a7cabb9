import { Extensions } from 'type-graphql'

/** What the guard needs of shield's rules. */
export interface Rule {
  name?: string
  cache?: unknown
  rules?: Rule[]
  resolve(...given: unknown[]): unknown
}
/** Allows everyone, signed in or not. */
export const anyone: Rule = { name: 'anyone', resolve: () => true }

const ruled: [target: object, member: string | undefined][] = []
/**
 * The rule of a root field, of an object type, or of a field beyond its type's rule. The server does not start unless
 * every root field and object type has one.
 */
export const AllowedTo =
  (allowedTo: Rule) =>
  (target: object, member?: string): void => {
    const owner = member === undefined ? target : target.constructor
    // type-graphql passes rules on to subclasses, and keeps only one of two.
    const isRelated = (other: object) => other === owner || isAbove(other, owner) || isAbove(owner, other)
    if (ruled.some(([other, of]) => of === member && isRelated(other)))
      throw new Error(`${[(owner as { name: string }).name, member].filter(Boolean).join('.')} has two rules.`)
    ruled.push([owner, member])
    Extensions({ allowedTo })(target as never, member as never) // typed as one kind of decorator at a time
  }
const isAbove = (ancestor: object, descendant: object) => Object.prototype.isPrototypeOf.call(ancestor, descendant)

/** The rule that `AllowedTo` gave to an element of the schema. */
export const ruleOf = ({ extensions }: { extensions: Readonly<Record<string, unknown>> }) =>
  extensions.allowedTo as Rule | undefined
