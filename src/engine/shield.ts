import { createRequire } from 'node:module'
import type * as Shield from 'graphql-shield'

// The only import of graphql-shield: it uses `isUndefined` of node:util, which Node 23 removed. Its CommonJS build
// reads it at each call, so restoring it before the first is enough.
const require = createRequire(import.meta.url)
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean }
util.isUndefined ??= (value) => value === undefined
export const { allow, rule } = require('graphql-shield') as typeof Shield
