import { createRequire } from 'node:module'
import type * as Shield from 'graphql-shield'
import type { Rule } from './allowedTo.js'

const require = createRequire(import.meta.url)

/**
 * The only import of graphql-shield. Call it where a schema is guarded: the other processes declare rules, but never ask
 * one, and need none of its 280 modules.
 */
export function loadShield(): typeof Shield {
  // It uses `isUndefined` of node:util, which Node 23 removed. Its CommonJS build reads it at each call, so restoring it
  // before the first is enough.
  const util = require('node:util') as { isUndefined?: (value: unknown) => boolean }
  util.isUndefined ??= (value) => value === undefined
  return require('graphql-shield')
}

type Options = NonNullable<Parameters<typeof Shield.rule>[1]> & object
type Ask = ReturnType<typeof Shield.rule> extends (ask: infer Given) => unknown ? Given : never

/** A rule of shield, made when it is first asked. */
export const rule =
  (name: string, { cache }: Pick<Options, 'cache'>) =>
  (ask: Ask): Rule => {
    let made: Rule | undefined
    return {
      name,
      cache,
      resolve(...given) {
        // Shield's own type hides what the guard needs.
        made ??= loadShield().rule(name, { cache })(ask) as unknown as Rule
        return made.resolve(...given)
      },
    }
  }
