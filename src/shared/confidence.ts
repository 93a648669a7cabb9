import { registerEnumType } from 'type-graphql'
import { Confidence } from '../platform/confidence.table.js'

registerEnumType(Confidence, {
  name: 'Confidence',
  description: 'How far a value may be relied upon.',
  valuesConfig: {
    SEEN_IN_SOURCE: { description: 'Seen in a public source, which is named.' },
    GENERAL_KNOWLEDGE: { description: 'Held to be so, and not confirmed by a source.' },
    COMMUNITY_ONLY: { description: 'Told by private or community sites alone.' },
    RULE_DERIVED: {
      description: 'Computed from a rule that was seen in a source; nobody has confirmed what came out.',
    },
    UNKNOWN: { description: 'Not known. The value is null, which does not mean none.' },
  },
})

export { Confidence }
export const source = 'Where it was seen, in short; null where no source is known.'
