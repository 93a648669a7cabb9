const timeZone = 'Asia/Baku'
const baku = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })

const latest = { second: Number.NaN, date: '' }
/** The legal date at a moment: YYYY-MM-DD in Asia/Baku. Kept for a second, because each request asks for it. */
export function legalDate(moment: Date): string {
  const second = Math.floor(moment.getTime() / 1000)
  if (second !== latest.second) Object.assign(latest, { second, date: baku.format(moment).padStart(10, '0') })
  return latest.date
}

/** The moment of a legal date and a time in Baku, "18:00:00". */
export function momentOf(date: string, time: string): Date {
  const [, hours] = /GMT([+-]\d\d:\d\d)/.exec(offset.format(new Date(`${date}T${time}Z`))) ?? []
  return new Date(`${date}T${time}${hours ?? 'Z'}`)
}

export function daysAfter(date: string, count: number): string {
  const day = new Date(date)
  day.setUTCDate(day.getUTCDate() + count)
  return day.toISOString().slice(0, 10)
}

/** Negative if the first is later. */
export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 86_400_000

/** The same day of a later month, or that month's last day. */
export function monthsAfter(date: string, count: number): string {
  const day = new Date(date)
  const end = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + count + 1, 0))
  end.setUTCDate(Math.min(end.getUTCDate(), day.getUTCDate()))
  return end.toISOString().slice(0, 10)
}
