import type { PgColumn } from 'drizzle-orm/pg-core'
import { registerEnumType } from 'type-graphql'
import { ascending } from '../engine/declare.js'

type Named = Record<'nameAz' | 'nameEn' | 'nameRu' | 'code', PgColumn>

/** The orders of a list of things with name and code. Defaults to the name in Azerbaijani. */
export function inOrderOfNames({ nameAz, nameEn, nameRu, code }: Named, name: string, things: string) {
  const type = { NAME_AZ: 'NAME_AZ', NAME_EN: 'NAME_EN', NAME_RU: 'NAME_RU', CODE: 'CODE' }
  registerEnumType(type, {
    name,
    description: `The order of a list of ${things}.`,
    valuesConfig: {
      NAME_AZ: { description: 'By the name in Azerbaijani, in its alphabet.' },
      NAME_EN: { description: 'By the name in English.' },
      NAME_RU: { description: 'By the name in Russian.' },
      CODE: { description: 'By the code.' },
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
