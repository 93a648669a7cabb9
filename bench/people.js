// The people of the bench: a person, a principal, a delegate of the principal, and an officer. Each has an account.
import { parseNodeId } from '../dist/engine/node.js'
import { partyBy } from '../dist/identity/parties/identifiers.js'
import { openDatabase } from '../dist/platform/database.js'
import { headersOf, keyring, serverOn } from './serving.js'

export const agency = 'BPQMI'
const accounts = {
  person: { sub: 'bench-person', fin: 'TEST0BP' },
  principal: { sub: 'bench-principal', fin: 'TEST0BR' },
  delegate: { sub: 'bench-delegate', fin: 'TEST0BD' },
  officer: { sub: 'bench-officer', fin: 'TEST0BF', kind: 'OFFICER' },
}

/** The headers of somebody who has just signed in, or of nobody. */
export const headersFor = (who) => (who ? headersOf(accounts[who]) : { 'content-type': 'application/json' })

/** Creates them. Returns the id of each party. */
export async function signUp(url) {
  const database = await openDatabase(url, { connections: 2, statementTimeout: 60_000 })
  const app = await serverOn(database)
  try {
    await appoint(database)
    const parties = {}
    for (const who of Object.keys(accounts)) {
      const payload = { query: '{ viewer { party { id } } }' }
      const answer = await app.inject({ method: 'POST', url: '/graphql', headers: await headersFor(who), payload })
      parties[who] = parseNodeId(answer.json().data.viewer.party.id).key
    }
    await mandate(database.client, parties)
    return parties
  } finally {
    await app.close()
    await database.close()
  }
}

async function appoint({ db, client }) {
  const createdAt = new Date('2026-01-01T00:00:00Z')
  const identifiers = [{ type: 'FIN', value: accounts.officer.fin }]
  const { party } = await db.transaction((tx) =>
    partyBy(tx, keyring, { kind: 'NATURAL_PERSON', identifiers, createdAt }),
  )
  await client`
    insert into appointments (id, agency_id, party_id, roles, state, proposed_by, created_at, active_from)
    select gen_random_uuid(), id, ${party}, '{REVIEWER,APPROVER}', 'ACTIVE', 'bench', ${createdAt.toISOString()},
      ${createdAt.toISOString()}
    from agencies where code = ${agency}`
}

/** The delegate works for a firm that 50 parties gave a mandate, the principal among them, and has a mandate of two more. */
async function mandate(client, { principal, delegate }) {
  await client`
    with clients as (
      insert into parties (id, kind, key, wrapped_by, created_at)
      select gen_random_uuid(), 'NATURAL_PERSON', '\\x00', ${keyring.current('wrapping').id}, now() from generate_series(1, 51)
      returning id),
    firm as (
      insert into parties (id, kind, key, wrapped_by, created_at)
      values (gen_random_uuid(), 'LEGAL_ENTITY', '\\x00', ${keyring.current('wrapping').id}, now()) returning id),
    numbered as (select id, row_number() over () as n from clients)
    insert into mandates (id, principal_id, holder_id, kind, powers, valid_from, source, created_at)
    select gen_random_uuid(), firm.id, ${delegate}::uuid, 'EMPLOYEE'::mandate_kind, '{VIEW,FILE}'::power[],
      '2026-01-01Z'::timestamptz, 'REGISTER'::mandate_source, now() from firm
    union all
    select gen_random_uuid(), id, (select id from firm), 'DELEGATE', '{VIEW,FILE}', '2026-01-01Z', 'REGISTER', now()
    from (select id from numbered where n <= 49 union all select ${principal}::uuid) clients
    union all
    select gen_random_uuid(), id, ${delegate}::uuid, 'POWER_OF_ATTORNEY', '{VIEW}', '2026-01-01Z', 'REGISTER', now()
    from numbered where n > 49`
}

/** Answers to the form of DIN-ADDRESS-REG. */
export const addressAnswers = (fin) => ({
  applicant: {
    fin,
    surname: 'Bench',
    givenName: 'Test',
    birthDate: '1990-01-01',
    sex: 'M',
    citizenship: 'AZ',
  },
  newAddress: { unit: 'Bakı' },
  movedOn: '2026-11-01',
  basis: 'OWNER',
  confirmed: true,
  contact: { phone: '+994125555555' },
})
