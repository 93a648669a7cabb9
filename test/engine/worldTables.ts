import {
  bigint,
  boolean,
  customType,
  date,
  integer,
  numeric,
  pgEnum,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { words } from '../../src/shared/words.js'

export enum Genre {
  NOVEL = 'NOVEL',
  POEM = 'POEM',
  ATLAS = 'ATLAS',
}
export enum LoanState {
  ASKED = 'ASKED',
  OUT = 'OUT',
  BACK = 'BACK',
}
const genre = pgEnum('genre', Genre)
const loanState = pgEnum('loan_state', LoanState)
const id = () => uuid('id').primaryKey()
// Ordered byte by byte, as JavaScript orders it.
const code = (name: string) => customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })(name).notNull()
const moment = (name: string) => timestamp(name, { withTimezone: true })

export const libraries = pgTable('libraries', {
  id: id(),
  code: code('code'),
  name: words('name').notNull(),
  motto: words('motto'),
  city: text('city'),
  opened: date('opened'),
})
export const books = pgTable('books', {
  id: id(),
  libraryId: uuid('library_id').notNull(),
  sequelOfId: uuid('sequel_of_id'),
  code: code('code'),
  title: words('title').notNull(),
  genre: genre('genre'),
  genres: genre('genres').array(),
  copies: bigint('copies', { mode: 'bigint' }).notNull(),
  price: numeric('price', { precision: 30, scale: 2 }),
  currency: text('currency').notNull(),
  pages: integer('pages'),
  addedAt: moment('added_at').notNull(),
  published: date('published'),
  withdrawnAt: moment('withdrawn_at'),
  shelves: bigint('shelves', { mode: 'bigint' }).array(),
  readAt: moment('read_at').array(),
})
export const reviews = pgTable('reviews', {
  id: id(),
  bookId: uuid('book_id').notNull(),
  readerId: uuid('reader_id'),
  stars: integer('stars').notNull(),
  remark: text('remark'),
  hidden: boolean('hidden').notNull(),
})
export const loans = pgTable('loans', {
  id: id(),
  bookId: uuid('book_id').notNull(),
  libraryId: uuid('library_id').notNull(),
  readerId: uuid('reader_id').notNull(),
  number: code('number'),
  state: loanState('state').notNull(),
  lentAt: moment('lent_at').notNull(),
  due: date('due').notNull(),
  returnedAt: moment('returned_at'),
  fine: bigint('fine', { mode: 'bigint' }),
})
export const loanEvents = pgTable('loan_events', {
  id: id(),
  loanId: uuid('loan_id').notNull(),
  placeId: uuid('place_id').notNull(),
  kind: text('kind').notNull(),
  note: text('note'),
  at: moment('at').notNull(),
})

const definitions = `
  create type genre as enum ('NOVEL', 'POEM', 'ATLAS');
  create type loan_state as enum ('ASKED', 'OUT', 'BACK');
  create table libraries (id uuid primary key, code text collate "C" not null unique, name jsonb not null, motto jsonb,
    city text, opened date);
  create table books (id uuid primary key, library_id uuid not null references libraries, sequel_of_id uuid,
    code text collate "C" not null unique, title jsonb not null, genre genre, genres genre[], copies bigint not null,
    price numeric(30, 2), currency text not null, pages integer, added_at timestamptz not null, published date,
    withdrawn_at timestamptz, shelves bigint[], read_at timestamptz[]);
  create table reviews (id uuid primary key, book_id uuid not null references books, reader_id uuid,
    stars integer not null, remark text, hidden boolean not null);
  create table loans (id uuid primary key, book_id uuid not null references books,
    library_id uuid not null references libraries, reader_id uuid not null, number text collate "C" not null unique,
    state loan_state not null, lent_at timestamptz not null, due date not null, returned_at timestamptz, fine bigint);
  create table loan_events (id uuid primary key, loan_id uuid not null references loans, place_id uuid not null,
    kind text not null, note text, at timestamptz not null);
  create index on books (library_id); create index on reviews (book_id); create index on loans (book_id);
  create index on loans (library_id); create index on loan_events (loan_id);`

// Ties in every order, moments with microseconds, numbers beyond 2^53, and a null wherever one may be.
const rows = `
  insert into libraries select md5('library' || i)::uuid, 'L' || i,
    jsonb_build_object('az', 'Kitabxana ' || i) || case when i % 2 = 0 then jsonb_build_object('en', 'Library ' || i) else '{}' end,
    case when i > 1 then jsonb_build_object('az', 'Oxu "' || i || '"', 'ru', 'Читай ' || i) end,
    case when i % 3 > 0 then 'City ' || i end, case when i % 2 = 0 then date '1990-02-28' + i end
  from generate_series(1, 4) i;
  insert into books select md5('book' || i)::uuid, md5('library' || i % 3 + 1)::uuid,
    case when i % 4 = 1 and i > 4 then md5('book' || i - 3)::uuid end, 'B' || i,
    jsonb_build_object('az', 'Kitab ' || i, 'ru', 'Книга ' || i),
    case when i % 4 > 0 then (array['NOVEL', 'POEM', 'ATLAS']::genre[])[i % 4] end,
    case when i % 5 = 0 then null when i % 5 = 1 then '{}' else array['POEM', 'ATLAS']::genre[] end,
    9007199254740993 + i, case when i % 3 > 0 then 12345678901234567890.10 + i end, (array['AZN', 'EUR'])[i % 2 + 1],
    case when i % 6 > 0 then i * 10 end, timestamptz '2026-01-01 00:00:00.123456+00' + (i / 6) * interval '1.000001 s',
    case when i % 3 = 0 then date '2000-02-29' + i end, case when i % 7 = 0 then timestamptz '2026-03-01 10:00:00.5+00' end,
    case when i % 4 > 0 then array[9007199254740993 + i, i] end,
    case when i % 5 > 0 then array[timestamptz '2026-04-01 00:00:00.25+00' + i * interval '1 day'] end
  from generate_series(1, 40) i;
  insert into reviews select md5('review' || i || '-' || k)::uuid, md5('book' || i)::uuid,
    case when k > 0 then md5('reader' || (i + k) % 3 + 1)::uuid end, (i + k) % 3,
    case when k <> 1 then 'remark ' || i || ' \\ "' || k || '"' end, (i + k) % 4 = 0
  from generate_series(1, 40) i, generate_series(0, 3) k where k < i % 5;
  insert into loans select md5('loan' || i)::uuid, md5('book' || i % 40 + 1)::uuid, md5('library' || i % 3 + 1)::uuid,
    md5('reader' || i % 3 + 1)::uuid, 'N' || i, (array['ASKED', 'OUT', 'BACK']::loan_state[])[i % 3 + 1],
    timestamptz '2026-02-01 23:59:59.999999+00' + (i / 9) * interval '1 microsecond', date '2026-02-20' + i,
    case when i % 2 = 0 then timestamptz '2026-04-01 00:00:00.000001+00' end, case when i % 4 = 0 then 9223372036854775807 - i end
  from generate_series(1, 60) i;
  insert into loan_events select md5('event' || i || '-' || k)::uuid, md5('loan' || i)::uuid,
    md5('library' || (i + k) % 4 + 1)::uuid, (array['asked', 'lent', 'back'])[k % 3 + 1],
    case when (i * 5 + k) % 17 > 0 then 'note ' || i || '-' || k end, timestamptz '2026-02-02 00:00:00.000009+00' + (k / 2) * interval '1 ms'
  from generate_series(1, 60) i, generate_series(0, 5) k where k < i % 7;`

/** The tables of the made-up world, with few enough rows that a model can hold them all. */
export const makeTables = (client: Sql) => client.unsafe(`${definitions} ${rows} analyze`)
