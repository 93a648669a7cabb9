import { ascending, fields, many, Root } from '../engine/declare.js'
import type { Domain } from '../engine/engine.js'
import { anyone } from '../shared/context.js'
import { Purpose } from './purpose.js'
import { purposes } from './purpose.table.js'

fields(Root, {
  purposes: many(Purpose, undefined, {
    atMost: 100,
    order: ascending(purposes.code),
    description: 'All that somebody may be asked about for, by their codes.',
  }),
})

export const exchangeDomain: Domain = {
  name: 'exchange',
  access: { Query: { purposes: anyone }, Purpose: anyone },
}
