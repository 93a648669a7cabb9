import { type Read, readUpTo } from './reading.js'

/** The protocol of an administrative offence. Its form is not published: it is bounded, no more. */
export const readProtocolSeries = (text: string): Read => readUpTo(10, text, 'protocol_series')
export const readProtocolNumber = (text: string): Read => readUpTo(20, text, 'protocol_number')
