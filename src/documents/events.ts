import { internalTypes, shownTypes } from '../events/eventType.js'
import { IssuedDocument } from './issued/issuedDocument.js'
import { Upload } from './uploads/upload.js'

const since = '2026-11-30'

export const documentEvents = [
  ...shownTypes(
    { subject: IssuedDocument, since, scopes: ['documents:read'] },
    {
      'document.issued': 'A decision, or the receipt of a payment, was issued to the party.',
      'receipt.issued': 'The receipt of an application or a filing was issued to the party.',
      'document.completed': 'The PDF of a document is ready.',
    },
  ),
  ...shownTypes(
    { subject: Upload, since, scopes: ['documents:read'] },
    {
      'upload.announced': 'A file of the party was announced.',
      'upload.received': 'A file was received and is being scanned.',
      'upload.found_clean': 'A file was scanned and can be used.',
      'upload.refused': 'A file was refused: it was infected, not as announced, or never came.',
    },
  ),
  ...internalTypes(
    { subject: IssuedDocument, since },
    { 'document.requested': 'Somebody asked for the PDF of a document.' },
  ),
  ...internalTypes({ subject: Upload, since }, { 'upload.term_ended': 'The time to send an announced file is over.' }),
]
