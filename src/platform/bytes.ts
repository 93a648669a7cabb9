import { customType } from 'drizzle-orm/pg-core'

export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** JSON represents bytes as the text PostgreSQL makes of them. */
export const bytesIn = (text: string): Buffer => Buffer.from(text.slice(2), 'hex')
