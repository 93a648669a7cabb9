import { registerEnumType } from 'type-graphql'
import { DocumentKind } from './issuedDocument.table.js'

registerEnumType(DocumentKind, {
  name: 'DocumentKind',
  description: 'Kind of issued document.',
  valuesConfig: {
    APPLICATION_RECEIPT: {
      description: 'Confirms that an application was received, when and from whom. Signed by the platform.',
    },
    DECISION: { description: 'States what an agency decided. Signed by the agency.' },
    FILING_RECEIPT: {
      description: 'Confirms that a filing was received, when and from whom. Signed by the platform.',
    },
    PAYMENT_RECEIPT: {
      description: 'Proves that a charge was paid, when, how and to which budget. Signed by the platform.',
    },
  },
})

export { DocumentKind }
