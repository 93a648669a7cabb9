import { describe, expect, test } from 'vitest'
import { applicationDeeds } from './applicationDeeds.js'
import { catalogueDeeds } from './catalogueDeeds.js'
import { drive } from './drive.js'
import { drawKinds } from './killer.js'
import { checkoutWith } from './planted.js'
import { randomOf } from './random.js'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000)
const kills = Number(process.env.FAULT_KILLS ?? 200)
const domains = [catalogueDeeds, applicationDeeds]
const usual = { seed, domains, clients: 6 }

const timeout = kills * 10_000 + 120_000
test(`of ${kills} kills nothing that was acknowledged is lost, and nothing is done twice`, { timeout }, async () => {
  console.log(`FAULT_SEED=${seed} FAULT_KILLS=${kills}`)
  const { faults, summary } = await drive({ ...usual, kills: drawKinds(randomOf(seed), kills) })
  console.log(JSON.stringify(summary))
  expect(faults).toEqual([])
})

// Each first process dies after a commit, before it could answer: so a repeat is sure to come.
const failpoints = 'command.committed=kill@9'

describe('a planted bug is seen', () => {
  test('a client that repeats under another key does it twice', async () => {
    const { faults } = await drive({ ...usual, failpoints, forgetKeys: true, kills: ['worker', 'worker', 'postgres'] })
    expect(faults).toContainEqual(
      expect.stringMatching(/^done twice: |was refused: .*agency.code_taken|NOT_ALLOWED_NOW/),
    )
    expect(faults).toContainEqual(expect.stringMatching(/stands, and nobody was told$/))
  })

  test('a server that does not look at its keys does it twice', async () => {
    const checkout = checkoutWith('events/commandKeys.js', 'if (taken.length === 0)', 'if (false)')
    const { faults } = await drive({ ...usual, failpoints, checkout, kills: ['worker', 'worker', 'postgres'] })
    expect(faults).toContainEqual(expect.stringMatching(/^done twice: |was refused: /))
  })

  test('a server that takes the key outside the transaction never does it', async () => {
    const checkout = checkoutWith(
      'events/commandKeys.js',
      'await tx.insert(commandKeys)',
      'await context.database.db.insert(commandKeys)',
    )
    const planted = { checkout, failpoints: 'command.keyed=kill@9', longest: 6_000 }
    const { faults } = await drive({ ...usual, ...planted, kills: ['worker'] })
    expect(faults).toContainEqual(expect.stringMatching(/hangs: it was not answered/))
  })

  test('a server that answers before the commit is written loses it', async () => {
    const answersEarly = "synchronous_commit: 'off', plan_cache_mode: 'force_generic_plan',"
    const checkout = checkoutWith('shared/database.js', "plan_cache_mode: 'force_generic_plan',", answersEarly)
    const { faults } = await drive({ ...usual, checkout, failpoints: '', kills: Array(6).fill('postgres') })
    expect(faults).toContainEqual(expect.stringMatching(/^after kill \d \(postgres\): lost: /))
  })
})
