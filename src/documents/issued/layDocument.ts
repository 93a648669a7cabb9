import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { create, type Font } from 'fontkit'
import PDFDocument from 'pdfkit'
import qrcode from 'qrcode-generator'
import type { Words } from '../../shared/words.js'
import type { Line } from './documentWords.js'
import { leaveRoomForSignature } from './signatureField.js'

/** The content of the pages of a document. */
export interface Sheet {
  number: string
  code: string
  /** The verification URL with number and code, printed as the QR code. */
  address: string
  title: Words
  /** The issuer. */
  issuer: Words
  statement?: Words | undefined
  lines: readonly Line[]
  issuedAt: Date
  /** The time of signing, and the signer as named in the certificate. */
  signing: { at: Date; by: string }
  isSandbox: boolean
}

interface Paper {
  pdf: PDFKit.PDFDocument
  /** The structure for screen readers: parts in the order in which they are drawn. */
  structure: PDFKit.PDFStructureElement
}

const { resolve } = createRequire(import.meta.url)
/** The cast: adds the cache of glyphs, which the types lack. */
const fontIn = (file: string) =>
  create(readFileSync(resolve(`@expo-google-fonts/noto-sans/${file}`))) as Font & { _glyphs: object }
// Parsed once, because parsing takes most of the time of a document.
const fonts = {
  regular: fontIn('400Regular/NotoSans_400Regular.ttf'),
  bold: fontIn('600SemiBold/NotoSans_600SemiBold.ttf'),
}
// The cast: pdfkit accepts a parsed font, which the types lack.
const asSource = (font: Font) => font as unknown as string
const [ink, grey, pale, paler, warning] = ['#1a1a1a', '#666666', '#cccccc', '#f4f4f4', '#b00020']
// In points. A page of A4 has 595 by 842.
const margin = 56
const width = 595 - 2 * margin
const labelWidth = 150
const qrWidth = 96
const bottom = 842 - 72
const boxHeight = 96

/** Lays out a PDF with room for its signature. The same sheet always gives the same bytes. */
export async function layDocument(sheet: Sheet): Promise<Buffer> {
  const paper = newPaper(sheet)
  const { pdf, structure } = paper
  const chunks: Buffer[] = []
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
  head(paper, sheet)
  for (const line of sheet.lines) row(paper, line)
  verification(paper, sheet)
  structure.end()
  finishPages(paper, sheet)
  leaveRoomForSignature(pdf.font('regular'), sheet.signing)
  const ended = once(pdf, 'end')
  pdf.end()
  await ended
  return Buffer.concat(chunks)
}

function newPaper({ title, number, issuer, issuedAt }: Sheet): Paper {
  // A glyph remembers the characters it first stood for, which must not leak into the next document.
  for (const font of Object.values(fonts)) font._glyphs = {}
  const pdf = new PDFDocument({
    size: 'A4',
    margins: { top: margin, left: margin, right: margin, bottom: 842 - bottom },
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    tagged: true,
    lang: 'az',
    displayTitle: true,
    bufferPages: true,
    info: {
      Title: `${title.az} ${number}`,
      Author: issuer.az,
      Creator: 'Pəncərə',
      Producer: 'Pəncərə',
      CreationDate: issuedAt,
      ModDate: issuedAt,
    },
    font: asSource(fonts.regular),
  })
  pdf.registerFont('regular', asSource(fonts.regular)).registerFont('bold', asSource(fonts.bold))
  const structure = pdf.struct('Document')
  pdf.addStructure(structure)
  return { pdf, structure }
}

function head(paper: Paper, { issuer, title, number, statement, address, isSandbox }: Sheet): void {
  const { pdf } = paper
  const beside = { at: margin, width: width - qrWidth - 20 }
  qr(paper, address)
  pdf.y = margin
  if (isSandbox) write(paper, sandboxNote, { ...beside, size: 9, color: warning })
  if (isSandbox) pdf.y += 10
  write(paper, issuer, { ...beside, size: 12 })
  pdf.y += 12
  write(paper, title, { ...beside, size: 24, small: 11, tag: 'H1' })
  pdf.y += 4
  write(paper, { az: number }, { ...beside, size: 12, isBold: false })
  pdf.y = Math.max(pdf.y, margin + qrWidth) + 14
  if (statement) write(paper, statement, { at: margin, width, size: 10, isBold: false })
  pdf.y += 8
}

interface TextStyle {
  at: number
  width: number
  size: number
  /** Of the translations. */
  small?: number
  color?: string
  isBold?: boolean
  /** What it is, by a name that PDF knows. */
  tag?: string
}
/** In Azerbaijani, and below it, smaller, in the other languages. */
function write({ pdf, structure }: Paper, words: Words, style: TextStyle): void {
  const { at, width, size, small = 8, color = ink, isBold = true, tag = 'P' } = style
  const others = [words.en, words.ru].filter((text) => text && text !== words.az).join(' · ')
  const tell = (text: string, tag: string) =>
    structure.add(pdf.struct(tag, {}, () => void pdf.text(text, at, pdf.y, { width })))
  pdf
    .font(isBold ? 'bold' : 'regular')
    .fontSize(size)
    .fillColor(color)
  tell(words.az, tag)
  pdf.font('regular').fontSize(small).fillColor(grey)
  if (others) tell(others, 'P')
}

/** Drawn, but hidden from screen readers. */
function decorate({ pdf }: Paper, draw: () => void): void {
  pdf.markContent('Artifact')
  draw()
  pdf.endMarkedContent()
}

function row(paper: Paper, { label, value, isStrong = false }: Line): void {
  const { pdf } = paper
  if (pdf.y + 40 > bottom) pdf.addPage()
  decorate(paper, () => {
    pdf
      .moveTo(margin, pdf.y)
      .lineTo(margin + width, pdf.y)
      .lineWidth(0.5)
      .strokeColor(pale)
      .stroke()
  })
  const [page, top] = [pdf.page, pdf.y + 5]
  pdf.y = top
  write(paper, label, { at: margin, width: labelWidth - 12, size: 9, small: 7.5 })
  const end = pdf.y
  pdf.y = top
  const place = { at: margin + labelWidth, width: width - labelWidth, size: 10.5, isBold: isStrong }
  write(paper, typeof value === 'string' ? { az: value } : value, place)
  // A long row may end on a later page.
  pdf.y = (pdf.page === page ? Math.max(end, pdf.y) : pdf.y) + 4
}

function verification(paper: Paper, { number, code, address, signing }: Sheet): void {
  const { pdf } = paper
  if (pdf.y + boxHeight + 10 > bottom) pdf.addPage()
  const top = pdf.y + 10
  decorate(paper, () => void pdf.rect(margin, top, width, boxHeight).fillColor(paler).fill())
  const place = { at: margin + 12, width: width - 24 }
  pdf.y = top + 10
  write(paper, verifiedHow, { ...place, size: 9 })
  pdf.y += 4
  write(paper, { az: `${number}   ${code}` }, { ...place, size: 11 })
  if (URL.canParse(address)) write(paper, { az: address.split('?')[0] ?? '' }, { ...place, size: 8, isBold: false })
  pdf.y += 4
  write(paper, signedBy(signing.by), { ...place, size: 8, small: 7.5, isBold: false })
}

const verifiedHow: Words = {
  az: 'Həqiqiliyini QR kodu, yaxud nömrə və kod ilə yoxlayın',
  en: 'Verify by the QR code, or by number and code',
  ru: 'Подлинность проверяется по QR-коду или по номеру и коду',
}
const signedBy = (name: string): Words => ({
  az: `Elektron imzalanıb: ${name}`,
  en: `Signed electronically: ${name}`,
  ru: `Подписано электронно: ${name}`,
})
const sandboxNote: Words = {
  az: 'SANDBOX: sınaq nüsxəsi, hüquqi qüvvəsi yoxdur',
  en: 'SANDBOX: a test copy without legal force',
  ru: 'SANDBOX: тестовая копия без юридической силы',
}

/** In the corner, with a quiet zone. */
function qr(paper: Paper, text: string): void {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  const size = qrWidth / count
  const [left, top] = [margin + width - qrWidth, margin]
  decorate(paper, () => {
    for (let row = 0; row < count; row++)
      for (let column = 0; column < count; column++)
        if (code.isDark(row, column)) paper.pdf.rect(left + column * size, top + row * size, size, size)
    paper.pdf.fillColor('#000000').fill()
  })
}

/** Adds the footer to each page, once the number of pages is known. */
function finishPages(paper: Paper, { number, isSandbox }: Sheet): void {
  const { pdf } = paper
  const { count } = pdf.bufferedPageRange()
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(page)
    pdf.page.margins.bottom = 0 // otherwise the footer would start a new page
    const place = { width, align: 'right' as const, lineBreak: false }
    decorate(paper, () => {
      pdf.font('regular').fontSize(8).fillColor(grey)
      pdf.text(`${number} · ${page + 1} / ${count}`, margin, bottom + 24, place)
      if (isSandbox) mark(pdf)
    })
  }
}

/** Across the page, translucent, over the content. */
function mark(pdf: Paper['pdf']): void {
  const place = { width: 555, align: 'center' as const, lineBreak: false }
  pdf.save().rotate(-45, { origin: [297, 421] })
  pdf.font('bold').fontSize(110).fillColor(warning, 0.08).text('SANDBOX', 20, 340, place)
  pdf.restore()
}
