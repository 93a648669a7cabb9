/** Bytes reserved for a signature with its chain. An RSA signature with four certificates needs half of that. */
const room = 16_384

/** Adds an invisible signature field with room for the signature. */
export function leaveRoomForSignature(pdf: PDFKit.PDFDocument, { at, by }: { at: Date; by: string }): void {
  const place = '**********' // the placeholder that signpdf looks for
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
  // The casts: the types lack the catalogue of a document, and `end` without arguments.
  const { data: form } = (pdf as unknown as { _root: { data: { AcroForm: { data: Form } } } })._root.data.AcroForm
  form.Fields.push(field)
  Object.assign(form, { SigFlags: 3, NeedAppearances: undefined })
  for (const written of [signature, field] as unknown as { end(): void }[]) written.end()
}
interface Form {
  Fields: object[]
}

/** pdfkit writes a plain string as a name, and a String object as text. */
const textOf = (text: string) => Object(text) as object
