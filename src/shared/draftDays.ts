/** After how many days a draft that nobody sends is over, where an installation says nothing else. */
export const usualDraftDays = 90
