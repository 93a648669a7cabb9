import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { localFiles } from '../../src/documents/files/localFiles.js'
import { scannerOf } from '../../src/documents/uploads/scanner.js'
import { recurringOf } from '../../src/domains.js'
import { record } from '../../src/events/record.js'
import { addCheckpoint } from '../../src/exchange/accessLog/addCheckpoint.js'
import { copyCheckpoints } from '../../src/exchange/accessLog/copyCheckpoints.js'
import { verifyAccessLog } from '../../src/exchange/accessLog/verifyAccessLog.js'
import { forgetParty, makeParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { connect, type Database, migrateDatabase, openDatabase } from '../../src/platform/database.js'
import { admitKeyring } from '../../src/platform/installation.js'
import { usualTimings } from '../../src/platform/timings.js'
import { seed } from '../../src/seed.js'
import { unconnected } from '../../src/shared/exchange.js'
import { withoutSigningKeys } from '../../src/shared/signingKeys.js'
import { withoutTrust } from '../../src/shared/trust.js'
import { startWorker } from '../../src/worker.js'
import { lookingIn } from '../exchange/looking.js'
import { cloneDatabase, emptyDatabase } from '../support/database.js'
import { changedFiles, keepServices } from '../support/dataFiles.js'
import { folderOfTest } from '../support/folder.js'
import { issuingIn } from '../support/issuing.js'
import { keyringOfTest } from '../support/keyring.js'
import { noProviders } from '../support/providers.js'

const root = await emptyDatabase()
const other = await cloneDatabase()
const folder = folderOfTest()
const suffix = randomBytes(6).toString('hex')
const roles = { owner: `owner_${suffix}`, server: `server-${suffix}` }
const urlOf = (username: string, url = root.url) => Object.assign(new URL(url), { username, password: suffix }).href
const [ownerUrl, serverUrl] = [urlOf(roles.owner), urlOf(roles.server)]
const options = { connections: 4, statementTimeout: 10_000, lockTimeout: 5_000 }

let server: Database
beforeAll(async () => {
  for (const role of Object.values(roles)) await root.client.unsafe(`create role "${role}" login password '${suffix}'`)
  await root.client.unsafe(`alter database "${new URL(root.url).pathname.slice(1)}" owner to ${roles.owner}`)
  await migrateDatabase(ownerUrl, { serverUrl })
  server = await openDatabase(serverUrl, options)
})
afterAll(async () => {
  await server?.close()
  const maintenance = connect(inject('databaseServer'), { max: 1 })
  await root.client.unsafe(
    `drop owned by "${roles.server}"; reassign owned by ${roles.owner} to current_user; drop owned by ${roles.owner}`,
  )
  for (const role of Object.values(roles)) await maintenance.unsafe(`drop role "${role}"`)
  await maintenance.end()
})

const happened = {
  domain: 'sandbox',
  type: 'thing.made',
  subject: '00000000-0000-7000-8000-000000000001',
  at: new Date('2026-11-25T08:00:00Z'),
  actor: 'nobody',
}
const notAllowed = { code: '42501' }

describe('A server role that does not own the tables', () => {
  it('owns nothing', async () => {
    const owned = await root.client`
      select relname from pg_class where pg_get_userbyid(relowner) = ${roles.server}
      union all select proname from pg_proc where pg_get_userbyid(proowner) = ${roles.server}`
    expect(owned).toEqual([])
    const [installation] = await root.client`
      select pg_get_userbyid(relowner) as owner from pg_class where oid = 'installation'::regclass`
    expect(installation).toEqual({ owner: roles.owner })
  })

  it('loads the data files', async () => {
    const { services } = await seed(
      server,
      changedFiles((files) => keepServices(files, ['DVX-RETURN'])),
    )
    expect(services.added).toEqual(['DVX-RETURN'])
  })

  it('admits a keyring and refuses another', async () => {
    await admitKeyring(server, keyringOfTest())
    await expect(admitKeyring(server, keyringOfTest())).rejects.toThrow(/must be the key that this database uses/)
  })

  it('records events and runs the worker', { timeout: 20_000 }, async () => {
    let done: (id: string) => void = () => {}
    const ran = new Promise<string>((settle) => {
      done = settle
    })
    const job = { name: 'look', on: ['thing.made'], run: async ({ subject }: { subject: string }) => done(subject) }
    const complaints: object[] = []
    const log = { info: () => {}, error: (what: object) => complaints.push(what) }
    const parts = {
      config: { requestTimeout: 5000, timings: usualTimings },
      database: server,
      keyring: keyringOfTest(),
    }
    const worker = startWorker({
      ...parts,
      signingKeys: withoutSigningKeys,
      exchange: unconnected,
      jobs: [job],
      recurring: recurringOf({
        trust: withoutTrust,
        files: localFiles(folder, 'sandbox'),
        scanner: scannerOf(undefined),
        verifyAt: undefined,
        accessLogDir: folder,
        providers: noProviders,
        timings: usualTimings,
      }),
      now: () => new Date(),
      log,
    })
    await server.db.transaction((tx) => record(tx, [happened]))
    expect(await ran).toBe(happened.subject)
    await worker.stop()
    expect(complaints).toEqual([])
  })

  it('logs accesses, signs and copies them, and cannot change them', async () => {
    const keyring = keyringOfTest()
    const { party } = await server.db.transaction((tx) => makeParty(tx, keyring, PartyKind.NATURAL_PERSON, new Date()))
    const { look, log } = await lookingIn(server, party)
    await log(look(), look())
    const work = { database: server, keyring, now: () => new Date(), log: { info() {}, error() {} } }
    expect([await addCheckpoint(work), await copyCheckpoints(work, folder)]).toEqual([2, 1])
    expect((await verifyAccessLog(work, [folder])).faults).toEqual([])
    await expect(server.client`update accesses set position = 7`).rejects.toThrow('accesses is only added to')
  })

  it('forgets a party', async () => {
    const { party } = await server.db.transaction((tx) =>
      makeParty(tx, keyringOfTest(), PartyKind.NATURAL_PERSON, new Date()),
    )
    expect(await server.db.transaction((tx) => forgetParty(tx, party, new Date()))).toBe(true)
  })

  it('issues, numbers, signs and prints documents', async () => {
    const keyring = keyringOfTest()
    const party = await server.db.transaction((tx) => makeParty(tx, keyring, PartyKind.NATURAL_PERSON, new Date()))
    const { issue, complete } = await issuingIn({ ...server, url: serverUrl, statements: [] }, party.party, keyring)
    const { id } = await issue('DECISION', { series: 'TEST' })
    await complete(id)
    expect(
      await server.client`
        select signature is not null as signed, series_number as number, pdf_size > 0 as printed from issued_documents`,
    ).toEqual([{ signed: true, number: 1, printed: true }])
  })

  it.each([
    'update issued_documents set issued_at = now()',
    'update issued_documents set series = null',
    'delete from issued_documents',
    'delete from events',
    'truncate events',
    `update events set actor = 'somebody'`,
    `update events set position = position, actor = 'somebody'`,
    `update retention set term = '1 day'`,
    `insert into retention select 'events', 'TERM', 'at', '1 day', '-', 'UNKNOWN'`,
    `update installation set mode = 'PRODUCTION'`,
    'delete from installation',
    'alter table events disable trigger all',
    'drop trigger keep_event on events',
    'set session_replication_role = replica',
    'drop table services',
    'truncate services',
    'create table mine (id int)',
    'update drizzle.__drizzle_migrations set created_at = 0',
    `insert into events (id, domain, type, subject, at, actor, ids) overriding system value
      values (-5, 'a', 'b', '00000000-0000-7000-8000-000000000001', now(), 'c', '{}')`,
    `insert into events (position, domain, type, subject, at, actor, ids)
      values (1, 'a', 'b', '00000000-0000-7000-8000-000000000001', now(), 'c', '{}')`,
    `insert into accesses select * from accesses`,
    'insert into accesses (position) values (1)',
    `update accesses set actor = 'nobody'`,
    'delete from accesses',
    'update access_checkpoints set number = 1',
    'delete from access_checkpoints',
    'insert into event_head default values',
    'delete from event_head',
    'delete from consents',
    `update consents set valid_to = valid_to + interval '1 day'`,
    'delete from graphile_worker.migrations',
    ...['parties', 'particulars', 'identifiers', 'identities', 'mandates', 'appointments', 'programs'].map(
      (table) => `delete from ${table}`,
    ),
  ])('is refused %s', async (statement) => {
    await expect(server.client.unsafe(statement)).rejects.toMatchObject(notAllowed)
  })

  it('removes rows past their term through remove_past_term alone', async () => {
    const remove = async () => (await server.client`select remove_past_term('events', now(), 10)::int as n`)[0]
    await expect(remove()).rejects.toThrow('events has no term')
    await root.client`
      update retention set class = 'TERM', from_column = 'at', term = '1 year' where table_name = 'events'`
    await record(server.db as never, [{ ...happened, at: new Date('2020-01-01T00:00:00Z') }]) // as a transaction of one
    expect(await remove()).toEqual({ n: 1 })
    await migrateDatabase(ownerUrl, { serverUrl })
    await expect(remove()).rejects.toThrow('events has no term')
  })

  it('cannot change or delete rows of an append-only table', async () => {
    const open = await root.client`
      select tgrelid::regclass::text as table from pg_trigger where tgfoid = 'refuse_change'::regproc
        and has_table_privilege(${roles.server}, tgrelid, 'update, delete, truncate')`
    expect(open).toEqual([])
  })

  it('gets the rights that the tables declare with each migration, and no others', async () => {
    const owner = connect(ownerUrl, { max: 1 })
    await owner.unsafe(`revoke all on seeds from "${roles.server}"; grant delete on fees to "${roles.server}"`)
    await expect(server.client`select from seeds`).rejects.toMatchObject(notAllowed)
    await migrateDatabase(ownerUrl, { serverUrl })
    await server.client`select from seeds`
    await expect(server.client`delete from fees`).rejects.toMatchObject(notAllowed)
    await owner.end()
  })

  it('keeps its rights and terms of a later release when an earlier one starts', async () => {
    const owner = connect(ownerUrl, { max: 1 })
    await owner.unsafe(`
      create table ledger (id bigint);
      create trigger refuse_delete before delete on ledger for each row execute function refuse_change();
      insert into drizzle.__drizzle_migrations (hash, created_at) select 'later', max(created_at) + 1000 from drizzle.__drizzle_migrations;
      insert into retention values ('ledger', 'PERMANENT', null, null, 'money', 'GENERAL_KNOWLEDGE', null);
      update retention set reason = 'a later one' where table_name = 'events';
      grant select, insert on ledger to "${roles.server}"`)
    await migrateDatabase(ownerUrl, { serverUrl })
    expect(
      await owner`select table_name, reason from retention where table_name in ('events', 'ledger') order by 1`,
    ).toEqual([
      { table_name: 'events', reason: 'a later one' },
      { table_name: 'ledger', reason: 'money' },
    ])
    await expect(server.client`delete from ledger`).rejects.toMatchObject(notAllowed)
    await owner`drop table ledger`
    await owner`delete from drizzle.__drizzle_migrations where hash = 'later'`
    await migrateDatabase(ownerUrl, { serverUrl })
    expect(await owner`select from retention where table_name = 'ledger'`).toEqual([])
    await owner.end()
  })

  it('starts without the password of the owner unless a migration is due', async () => {
    await migrateDatabase(serverUrl)
    const taken = await root.client`
      delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations) returning *`
    await expect(migrateDatabase(serverUrl)).rejects.toThrow(
      /cannot be used: its tables are older than this release; migrate it first, by a start or npm run seed with MIGRATOR_DATABASE_URL$/,
    )
    await root.client`insert into drizzle.__drizzle_migrations ${root.client(taken)}`
  })

  it('is refused after a migration that ended before the triggers were made', async () => {
    await root.client`comment on schema drizzle is null`
    await expect(migrateDatabase(serverUrl)).rejects.toThrow(/its tables are older than this release; migrate it first/)
    await migrateDatabase(ownerUrl, { serverUrl })
    await migrateDatabase(serverUrl)
  })

  it('is refused when the two roles are exchanged', async () => {
    await expect(migrateDatabase(serverUrl, { serverUrl: ownerUrl })).rejects.toThrow(
      /MIGRATOR_DATABASE_URL must name the role that owns the tables; it names another$/,
    )
    await expect(migrateDatabase(ownerUrl, { serverUrl: root.url })).rejects.toThrow(
      /DATABASE_URL must name a role without the rights of the owner of the tables; \w+ has them$/,
    )
  })

  const owns = /DATABASE_URL must name a role without the rights of the owner of the tables; server-\w+ has them$/
  const rules =
    /DATABASE_URL must name a role that does not own the database or its schema public and may not create anything there; server-\w+ may$/
  const [given, name] = [`to "${roles.server}"`, new URL(root.url).pathname.slice(1)]
  it.each([
    [
      'may become the owner',
      `grant ${roles.owner} ${given} with inherit false`,
      `revoke ${roles.owner} from "${roles.server}"`,
      owns,
    ],
    [
      'owns the database',
      `alter database ${name} owner ${given}`,
      `alter database ${name} owner to ${roles.owner}`,
      rules,
    ],
    ['owns the schema', `alter schema public owner ${given}`, 'alter schema public owner to pg_database_owner', rules],
    [
      'may create tables',
      `grant create on schema public ${given}`,
      `revoke create on schema public from "${roles.server}"`,
      rules,
    ],
    [
      'may create tables as everybody may',
      'grant create on schema public to public',
      'revoke create on schema public from public',
      rules,
    ],
  ])('is refused when it %s', async (_what, make, undo, line) => {
    await root.client.unsafe(make)
    await root.client.unsafe(`
      grant create on schema public to ${roles.owner}; grant create on database ${name} to ${roles.owner}`)
    await expect(migrateDatabase(ownerUrl, { serverUrl })).rejects.toThrow(line)
    await expect(migrateDatabase(serverUrl)).rejects.toThrow(line)
    await root.client.unsafe(undo)
    await migrateDatabase(ownerUrl, { serverUrl })
  })

  it('is pointed to MIGRATOR_DATABASE_URL when it has no rights at all', async () => {
    await expect(migrateDatabase(urlOf(roles.server, other.url))).rejects.toThrow(
      /may not migrate \(permission denied .*\); set MIGRATOR_DATABASE_URL to a role that may create tables/,
    )
  })

  it('is refused when it serves another database than the migrated one', async () => {
    await expect(migrateDatabase(ownerUrl, { serverUrl: urlOf(roles.server, other.url) })).rejects.toThrow(
      /MIGRATOR_DATABASE_URL and DATABASE_URL must name the same database; they name two$/,
    )
  })
})

describe('One role for the server and the tables', () => {
  it('gets no grants', async () => {
    await migrateDatabase(other.url, { serverUrl: other.url })
    const [events] = await other.client`select relacl::text as rights from pg_class where oid = 'events'::regclass`
    expect(events).toEqual({ rights: null })
  })
})
