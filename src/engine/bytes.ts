/**
 * UTF-8 as it is received and sent, one character for each byte ("latin1"). Long answers are passed on like
 * this, because decoding costs more, and because V8 collects all garbage for every 64 MB of Buffers.
 */
export type Bytes = string & { readonly isBytes: true }

export const textOf = (bytes: Bytes): string => (isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString())
export const bytesIn = (text: string): Bytes => (isAscii(text) ? text : Buffer.from(text).toString('latin1')) as Bytes

// `\s` would match spaces of Unicode too.
const isAscii = (text: string) => !/[^\t\n\r -~]/.test(text)
