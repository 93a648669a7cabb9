/** The transliteration of Cyrillic used here, and Latin letters that NFKD does not decompose. */
const letters = {
  from: 'АБВГДЕЖЗИКЛМНОПРСТУФХЧШЩЫЭабвгдежзиклмнопрстуфхчшщыэƏəІіıŁłØøĐđЪъЬь',
  to: 'abvgdejziklmnoprstufxcssieabvgdejziklmnoprstufxcssieeeiiilloodd',
}
const map = new Map([...letters.from].map((letter, at) => [letter, letters.to[at] ?? '']))
const pairs: [RegExp, string][] = [
  [/[Цц]/g, 'ts'],
  [/[Юю]/g, 'yu'],
  [/[Яя]/g, 'ya'],
]

/**
 * Normalizes a text for search: words of a-z and 0-9 with single spaces, independent of locale. The database function
 * search_fold does the same.
 */
export function fold(text: string): string {
  let folded = text.normalize('NFKD')
  for (const [letter, by] of pairs) folded = folded.replace(letter, by)
  return folded
    .replace(/[\u0300-\u036f'’ʼ`]/g, '')
    .replace(/./gsu, (letter) => map.get(letter) ?? letter)
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}
