import type { Class } from '../engine/declare.js'
import type { ProgramScope } from '../shared/context.js'

/** A type of event. Readers of the feed of a party rely on those that are shown. */
export interface EventType {
  /** Dotted, the noun first: `charge.paid`. Never renamed. */
  type: string
  /** Grows when its meaning or its ids change. */
  version: number
  /** The day since when it is recorded. */
  since: string
  description: string
  /** The noun of its subject. Null if the API has none. */
  subject: Class | null
  /** How its party sees it. Null if it is internal: for jobs, agencies and auditors. */
  shown: Shown | null
}

export interface Shown {
  /** The scopes of which a program needs one. */
  scopes: readonly ProgramScope[]
  /** Programs see those of their own organisation only. */
  ofOwnAlone?: true
  /**
   * The ids that are shown, by name, and the noun of each: whoever sees the subject must see it too. All others stay inside:
   * officers, appointments, mandates acted under.
   */
  ids: Readonly<Record<string, Class>>
}

interface Common {
  subject: Class | null
  since: string
}
/** Types that the party sees, each with its description. */
export const shownTypes = (
  { subject, since, ids = {}, ...shown }: Common & Pick<Shown, 'scopes'> & Partial<Shown>,
  described: Readonly<Record<string, string>>,
): EventType[] => typesOf({ subject, since, shown: { ids, ...shown } }, described)
/** Types that the party does not see. */
export const internalTypes = (common: Common, described: Readonly<Record<string, string>>): EventType[] =>
  typesOf({ ...common, shown: null }, described)

const typesOf = (common: Common & Pick<EventType, 'shown'>, described: Readonly<Record<string, string>>): EventType[] =>
  Object.entries(described).map(([type, description]) => ({ type, version: 1, description, ...common }))

let declared: ReadonlyMap<string, EventType> = new Map()
/** The types of all domains, for the feed of a party. */
export function declareEventTypes(all: readonly EventType[]): void {
  declared = new Map(all.map((one) => [one.type, one]))
  if (declared.size < all.length) throw new Error('two domains declare the same type of event')
}
export const declaredEventTypes = (): ReadonlyMap<string, EventType> => declared
