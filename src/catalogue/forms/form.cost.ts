import { FormFault, type FormNode } from './form.fields.js'

/** The maximum cost of compiling a form, in steps. See docs/forms.md for the measurements. */
export const maxSteps = 3200

/** A form whose compilation would block the event loop for too long. */
export class FormTooCostly extends FormFault {
  constructor(readonly steps: number) {
    super(['schema'], `it may cost ${maxSteps} steps to compile at most; this one costs ${steps}`)
  }
}

/**
 * The cost of compiling a form, in steps of some ten microseconds. An object or list costs 3, any other value 1, words nothing. A
 * pattern costs 2 more per character and 1 per possible repetition.
 */
export function stepsOf(schema: FormNode): number {
  let steps = 0
  const waiting: unknown[] = [schema]
  while (waiting.length > 0) {
    const value = waiting.pop()
    const isNested = typeof value === 'object' && value !== null
    steps += isNested ? 3 : 1
    if (!isNested) continue
    for (const [keyword, inner] of Object.entries(value)) {
      if (keyword === 'x-title' || keyword === 'x-help' || keyword === 'examples') continue
      if (keyword === 'pattern' && typeof inner === 'string') steps += stepsOfPattern(inner)
      waiting.push(inner)
    }
  }
  return steps
}

const stepsOfPattern = (pattern: string) =>
  [...pattern.matchAll(/\{(?:\d+,)?(\d+)\}/g)].reduce((sum, [, times]) => sum + Number(times), 2 * pattern.length)
