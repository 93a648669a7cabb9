/** Cyrillic as it is written in Latin letters here, and the Latin letters that NFKD does not take apart. */
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
 * The words of a text as search knows them, with one space between: a-z and 0-9 alone, so that no locale has a say.
 * The function search_fold of the database does the same.
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
