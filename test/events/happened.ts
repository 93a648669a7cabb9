import { v7 } from 'uuid'
import type { Work } from '../../src/events/job.js'
import { readEvents } from '../../src/events/readEvents.js'
import { type Happened, record } from '../../src/events/record.js'
import { sweep } from '../../src/events/sequencer.js'
import { unconnected } from '../../src/shared/exchange.js'
import { withoutSigningKeys } from '../../src/shared/signingKeys.js'
import type { TestDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'

/** Something that a thing made up for the test has done. */
export const happened = (more: Partial<Happened> = {}): Happened => ({
  domain: 'things',
  type: 'thing.done',
  subject: v7(),
  at: new Date('2026-03-02T08:00:00Z'),
  actor: 'nobody',
  ...more,
})

/** In a transaction of its own that has committed. */
export const commit = ({ db }: TestDatabase, ...what: Happened[]) => db.transaction((tx) => record(tx, what))

/** In a transaction that stays open until it is told. */
export async function holdOpen({ db }: TestDatabase, ...what: Happened[]) {
  let settle: () => void = () => {}
  const told = new Promise<void>((resolve) => {
    settle = resolve
  })
  let ended: Promise<void> | undefined
  await new Promise<void>((inserted, fail) => {
    ended = db.transaction(async (tx) => {
      await record(tx, what)
      inserted()
      await told
    })
    ended.catch(fail)
  })
  return {
    commit: () => {
      settle()
      return ended
    },
  }
}

/** Whatever there is has its position then. */
export async function sweepAll(
  database: Pick<TestDatabase, 'client'>,
  jobs: Parameters<typeof sweep>[1] = [],
): Promise<number> {
  let all = 0
  for (let some = 1; some > 0; all += some) some = await sweep(database, jobs)
  return all
}

/** The last position given. */
export async function headOf({ client }: Pick<TestDatabase, 'client'>): Promise<string> {
  const [head] = await client<{ position: string }[]>`select position from event_head`
  return head!.position
}

export const readAll = (database: TestDatabase, after = '0') => readEvents(database, { after, limit: 100_000 })

/** A place to work, with the log kept. */
export function workOf(database: TestDatabase, now = () => new Date()) {
  const logged: { what: any; message: string }[] = []
  const keep = (what: object, message: string) => logged.push({ what, message })
  const work: Work = {
    database,
    keyring: keyringOfTest(),
    signingKeys: withoutSigningKeys,
    exchange: unconnected,
    now,
    log: { info: keep, error: keep },
  }
  return { work, logged }
}
