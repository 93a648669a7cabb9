import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../dist/platform/embeddedPostgres.js'
import { here, isLinux, statOf } from './processes.js'
import { usually } from './settings.js'
import { issuer, keyringText } from './signIn.js'

/** The folder of a stopped PostgreSQL that was seeded with BENCH_KEYRING. Brief benches copy it: seeding takes most of their time. */
const seeded = process.env.BENCH_SEEDED
const settings = { max_connections: 100, ...usually({}, { fsync: 'off' }) }
const newFolder = () => mkdtempSync(join(tmpdir(), 'pencere-bench-'))

/** Makes a folder for BENCH_SEEDED. The caller removes it. */
export async function seedFolder() {
  const folder = newFolder()
  const server = await startEmbeddedPostgres(folder, { settings })
  try {
    seedThrough(environmentOn(server.url, folder))
  } finally {
    await server.stop()
  }
  return folder
}

const environmentOn = (url, folder) => ({
  ROLE: 'api', // the API alone, so that its CPU time is separate
  SANDBOX_ALLOWS: 'database-url',
  DATABASE_URL: url,
  DATA_DIR: join(folder, 'data'),
  KEYRING: keyringText,
  ISSUERS: JSON.stringify([issuer]),
})

const seedThrough = (environment) =>
  execFileSync(process.execPath, [here('../dist/seed.js')], { env: { ...process.env, ...environment } })

/** A separate PostgreSQL, seeded like the server's, and the settings of servers on it. */
export async function startDatabase() {
  const folder = newFolder()
  if (seeded) execFileSync('cp', ['-a', `${seeded}/.`, folder])
  const server = await startEmbeddedPostgres(folder, { settings })
  const environment = environmentOn(server.url, folder)
  const sql = postgres(server.url, { max: 1, onnotice() {} })
  const stop = async () => {
    await sql.end()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
  const pid = () => Number(readFileSync(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0])
  try {
    if (!seeded) seedThrough(environment)
    const [{ server_version: version }] = await sql`show server_version`
    return { url: server.url, environment, version, sql, cpu: () => cpuOfPostgres(pid()), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// PostGraphile derives connections and computed columns from these functions, which express the scopes of nouns.
// It would give the enum the name of the table's rows.
export const postgraphileFunctions = `
  comment on type payment_rule is '@name payment_rule_kind';
  create function listed_services() returns setof services language sql stable as $$
    select * from services where status in ('ACTIVE', 'SUSPENDED') order by name_az, id $$;
  create function published_service(code text) returns services language sql stable as $$
    select * from services s where s.code = published_service.code and s.status in ('ACTIVE', 'SUSPENDED', 'RETIRED') $$;
  create function services_version(service services) returns service_versions language sql stable as $$
    select * from service_versions v
    where v.service_id = service.id and v.valid_from <= (now() at time zone 'Asia/Baku')::date
      and (v.valid_to is null or v.valid_to >= (now() at time zone 'Asia/Baku')::date) and v.withdrawn_at is null
    order by v.number desc limit 1 $$;
  create function own_applications() returns setof applications language sql stable as $$
    select applications.* from application_parties p join applications on applications.id = p.application_id
    where p.party_id = (select party_id from identities where subject_index = current_setting('bench.subject'))
    order by p.created_at desc, p.application_id desc $$;
  create function applications_documents(application applications) returns setof issued_documents language sql stable as $$
    select * from issued_documents d
    where d.subject_id = application.id and exists (
      select from document_parties where document_id = d.id and party_id = (
        select party_id from identities where subject_index = current_setting('bench.subject')))
    order by d.issued_at desc, d.id desc $$;`

/** CPU time of PostgreSQL in milliseconds, including backends that have ended. */
function cpuOfPostgres(postmaster) {
  if (!isLinux) return Number.NaN
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(pid) ?? [])
  return all.reduce((sum, { pid, parent, own, ended }) => {
    if (pid === postmaster) return sum + own + ended
    return parent === postmaster ? sum + own : sum
  }, 0)
}
