import { createRequire } from 'node:module'
import type * as Shield from 'graphql-shield'

// The only door to graphql-shield: it takes `isUndefined` from node:util, which Node 23 dropped. Its CommonJS build reads
// it at each call, so that it is enough to put it back before the first.
const require = createRequire(import.meta.url)
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean }
util.isUndefined ??= (value) => value === undefined
export const { allow, rule } = require('graphql-shield') as typeof Shield
