const baku = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Asia/Baku',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

/** The date that the law reckons with at a moment: YYYY-MM-DD in Asia/Baku. */
export const legalDate = (moment: Date): string => baku.format(moment)
