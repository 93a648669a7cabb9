import type { Place } from '../shared/personal.js'

// Where the bytes of an upload stand, and as what they are sealed: from one place they do not open in the other.

/** As they came, until they are looked through. */
export const quarantineOf = (id: string) => ({ file: `quarantine/${id}`, place: placeOf('quarantine', id) })
/** Once they are found clean. */
export const keptOf = (id: string) => ({ file: `uploads/${id.slice(-2)}/${id}`, place: placeOf('file', id) })

const placeOf = (column: string, row: string): Place => ({ table: 'uploads', column, row })
