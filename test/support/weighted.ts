import fc from 'fast-check'

/** One of the names, as often as their weights say. */
export const weighted = <Name extends string>(weights: Record<Name, number>): fc.Arbitrary<Name> =>
  fc.constantFrom(
    ...(Object.entries(weights) as [Name, number][]).flatMap(([name, weight]) => Array<Name>(weight).fill(name)),
  )
