import { registerEnumType } from 'type-graphql'
import { Confidence } from '../platform/confidence.table.js'

registerEnumType(Confidence, {
  name: 'Confidence',
  description: 'Confidence level: how well a value is confirmed.',
  valuesConfig: {
    SEEN_IN_SOURCE: { description: 'A public source, named in `source`, confirms the value.' },
    GENERAL_KNOWLEDGE: { description: 'The value is generally known, but no source confirms it.' },
    COMMUNITY_ONLY: { description: 'Only private or community websites state the value.' },
    RULE_DERIVED: {
      description: 'The value is computed from a published rule. Nobody has confirmed the result.',
    },
    UNKNOWN: { description: 'The value is unknown and therefore null. It may still exist.' },
  },
})

export { Confidence }
export const source = 'Short reference to the source. Null if there is none.'
