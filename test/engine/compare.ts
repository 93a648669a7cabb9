import { long } from '../support/long.js'
import type { Answer, Ask, Asking } from './asking.js'

export interface Question<Context> extends Omit<Asking, 'variables'> {
  /** The values of one run each: statements are kept between them. */
  variables?: readonly Record<string, unknown>[]
  /** A request of its own, each time. */
  contextOf(): Context
}

/** What two servers must agree upon, as text. */
export function essence({ data, errors }: Answer): string {
  const coded = errors.map(({ code, path }) => {
    const place = landingOf(data, path)
    // What travelled up took its siblings with it; which of them was first is a matter of time.
    return place === path.length ? `${code} ${path.join('.')}` : `an error fell upon ${path.slice(0, place).join('.')}`
  })
  return JSON.stringify({ data, errors: [...new Set(coded)].sort() }, undefined, 1)
}
/** How far down its path an error left a null. */
function landingOf(data: Answer['data'], path: Answer['errors'][number]['path']): number {
  let value = data
  for (const [at, step] of path.entries()) {
    if (value == null) return at
    value = value[step]
  }
  return path.length
}

/** The first difference to the baseline. Each way is asked each run, and something at least twice. */
export async function differenceIn<Context>(
  { variables: runs = [{}], contextOf, ...asking }: Question<Context>,
  baseline: Ask<Context>,
  ways: Record<string, Ask<Context>>,
  times = long ? 4 : Math.max(2, runs.length),
): Promise<string | undefined> {
  const expected = await Promise.all(runs.map((variables) => baseline({ ...asking, variables }, contextOf())))
  for (const [way, ask] of Object.entries(ways))
    for (let time = 0; time < times; time++) {
      const at = time % runs.length
      const variables = runs[at] as Record<string, unknown>
      const given = await ask({ ...asking, variables }, contextOf())
      if (given.errors[0]?.code === 'TOO_COSTLY') return undefined // which the baseline never says
      const [required, came] = [essence(expected[at] as Answer), essence(given)]
      if (required !== came)
        return [`${way}, time ${time}: ${asking.query}`, JSON.stringify(variables), ...apart(required, came)].join('\n')
    }
  return undefined
}
/** Both, from where they differ. */
export function apart(required: string, came: string): string[] {
  let at = 0
  while (required[at] === came[at]) at++
  const around = (text: string) => text.slice(Math.max(0, at - 200), at + 300)
  return ['required:', around(required), 'came:', around(came)]
}
