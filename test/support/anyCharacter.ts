import fc from 'fast-check'

/** As the unit 'binary' of fast-check, which spends a second to list all characters. */
export const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800))
