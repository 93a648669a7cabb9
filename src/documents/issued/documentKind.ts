import { registerEnumType } from 'type-graphql'
import { DocumentKind } from './issuedDocument.table.js'

registerEnumType(DocumentKind, {
  name: 'DocumentKind',
  description: 'What kind of document the state gave.',
  valuesConfig: {
    APPLICATION_RECEIPT: { description: 'That something was received, when and from whom. Signed by the platform.' },
    DECISION: { description: 'What an agency decided. Signed by that agency.' },
  },
})

export { DocumentKind }
