import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../dist/platform/embeddedPostgres.js'
import { here, isLinux, statOf } from './processes.js'
import { issuer, keyringText } from './signIn.js'

/** A separate PostgreSQL, seeded like the server's, and the settings of servers on it. */
export async function startDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-bench-'))
  const server = await startEmbeddedPostgres(folder, { settings: { max_connections: 100 } })
  const environment = {
    ROLE: 'api', // the API alone, so that its CPU time is separate
    SANDBOX_ALLOWS: 'database-url',
    DATABASE_URL: server.url,
    DATA_DIR: join(folder, 'data'),
    KEYRING: keyringText,
    ISSUERS: JSON.stringify([issuer]),
  }
  const sql = postgres(server.url, { max: 1, onnotice() {} })
  const stop = async () => {
    await sql.end()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
  const pid = () => Number(readFileSync(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0])
  try {
    execFileSync(process.execPath, [here('../dist/seed.js')], { env: { ...process.env, ...environment } })
    const [{ server_version: version }] = await sql`show server_version`
    return { url: server.url, environment, version, sql, cpu: () => cpuOfPostgres(pid()), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// PostGraphile derives connections and computed columns from these functions, which express the scopes of nouns.
export const postgraphileFunctions = `
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
