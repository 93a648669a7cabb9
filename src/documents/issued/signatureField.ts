/** Bytes that a signature with its chain may have: the longest of RSA with four certificates has half of that. */
const room = 16_384

/** A field that shows nowhere, with room for what whoever signs puts there. */
export function leaveRoomForSignature(pdf: PDFKit.PDFDocument, { at, by }: { at: Date; by: string }): void {
  const place = '**********' // what the library that signs looks for
  const signature = pdf.ref({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: 'ETSI.CAdES.detached',
    M: at,
    Name: textOf(by),
    ByteRange: [0, place, place, place],
    Contents: Buffer.alloc(room),
  })
  const field = pdf.ref({
    Type: 'Annot',
    Subtype: 'Widget',
    FT: 'Sig',
    T: textOf('Signature1'),
    V: signature,
    P: pdf.page.dictionary,
    Rect: [0, 0, 0, 0],
    F: 132, // printed, and locked
  })
  pdf.page.annotations.push(field)
  pdf.initForm()
  // The casts: the types know neither the catalogue of a document nor that what was written may end without more.
  const { data: form } = (pdf as unknown as { _root: { data: { AcroForm: { data: Form } } } })._root.data.AcroForm
  form.Fields.push(field)
  Object.assign(form, { SigFlags: 3, NeedAppearances: undefined })
  for (const written of [signature, field] as unknown as { end(): void }[]) written.end()
}
interface Form {
  Fields: object[]
}

/** To pdfkit a plain string is a name, and such an object a text. */
const textOf = (text: string) => Object(text) as object
