import { describe, expect, it } from 'vitest'
import { long } from '../../support/long.js'
import { drive } from './drive.js'
import type { Kind } from './killer.js'
import { checkoutWith } from './planted.js'

const seed = Date.now() % 100_000

// Each first process dies after a commit and before the answer, so a repeat is certain.
const failpoints = 'command.committed=kill@9'

/** Kills until a failure ends the drive. */
const untilSeen = Array<Kind>(20).fill('postgres')

/** `npm run test:long` plants the others too. */
const other = it.runIf(long)

describe('The driver', () => {
  other('catches a client that repeats under another key', async () => {
    const { faults } = await drive({ seed, failpoints, forgetKeys: true, kills: ['worker'] })
    expect(faults).toContainEqual(
      expect.stringMatching(/^done twice: |was refused: .*agency.code_taken|NOT_ALLOWED_NOW/),
    )
    expect(faults).toContainEqual(expect.stringMatching(/was done, and no client was answered$/))
  })

  it('catches a server that does not look at its keys', async () => {
    const checkout = checkoutWith('events/commandKeys.js', 'if (taken.length === 0)', 'if (false)')
    const { faults } = await drive({ seed, failpoints, checkout, kills: ['worker'] })
    expect(faults).toContainEqual(expect.stringMatching(/^done twice: |was refused: /))
  })

  other('catches a server that takes the key outside the transaction', async () => {
    const checkout = checkoutWith(
      'events/commandKeys.js',
      'await tx.insert(commandKeys)',
      'await context.database.db.insert(commandKeys)',
    )
    const planted = { checkout, failpoints: 'command.keyed=kill@9', longest: 6_000 }
    const { faults } = await drive({ seed, ...planted, kills: ['worker'] })
    expect(faults).toContainEqual(expect.stringMatching(/hangs: the server was there/))
  })

  it('catches a server that answers before the commit is written', async () => {
    const answersEarly = "synchronous_commit: 'off', plan_cache_mode: 'force_generic_plan',"
    const checkout = checkoutWith('platform/database.js', "plan_cache_mode: 'force_generic_plan',", answersEarly)
    const { faults } = await drive({ seed, checkout, failpoints: '', kills: untilSeen })
    expect(faults).toContainEqual(expect.stringMatching(/^after kill \d+ \(postgres\): lost: /))
  })
})
