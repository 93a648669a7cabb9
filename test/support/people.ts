import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { parties } from '../../src/identity/parties/party.table.js'
import { id } from '../../src/platform/id.js'
import { blindIndex, personal } from '../../src/platform/personal.js'

/** A table with every kind of personal column. */
export const people = pgTable('people', {
  id: id(),
  partyId: uuid('party_id')
    .notNull()
    .references(() => parties.id),
  name: personal('name').notNull(),
  nickname: personal('nickname'),
  answers: personal<{ pets: string[]; rooms: number }>('answers'),
  nameIndex: blindIndex('name_index'),
  language: text('language'),
})

export const makePeople = (client: Sql) => client`
  create table people (id uuid primary key, party_id uuid not null references parties, name personal not null,
    nickname personal, answers personal, name_index blind_index, language text)`
