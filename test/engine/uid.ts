import { createHash } from 'node:crypto'

/** A key by a name, as `md5('book3')::uuid` is one in SQL. */
export const uid = (name: string) =>
  createHash('md5')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
