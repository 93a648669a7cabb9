import type { PgColumn } from 'drizzle-orm/pg-core'
import { registerEnumType } from 'type-graphql'
import { ascending } from '../engine/declare.js'

type Named = Record<'nameAz' | 'nameEn' | 'nameRu' | 'code', PgColumn>

/** The orders of a list of things with name and code. Defaults to the name in Azerbaijani. */
export function inOrderOfNames({ nameAz, nameEn, nameRu, code }: Named, name: string, things: string) {
  const type = { NAME_AZ: 'NAME_AZ', NAME_EN: 'NAME_EN', NAME_RU: 'NAME_RU', CODE: 'CODE' }
  registerEnumType(type, {
    name,
    description: `Order of a list of ${things}.`,
    valuesConfig: {
      NAME_AZ: { description: 'By Azerbaijani name, in the order of its alphabet.' },
      NAME_EN: { description: 'By English name.' },
      NAME_RU: { description: 'By Russian name.' },
      CODE: { description: 'By code.' },
    },
  })
  const orders = {
    NAME_AZ: ascending(nameAz),
    NAME_EN: ascending(nameEn),
    NAME_RU: ascending(nameRu),
    CODE: ascending(code),
  }
  return { order: orders.NAME_AZ, orderBy: { type, orders } }
}
