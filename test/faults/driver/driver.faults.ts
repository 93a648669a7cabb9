import { expect, test } from 'vitest'
import { catalogueDeeds } from './catalogueDeeds.js'
import { drive } from './drive.js'
import { drawKinds } from './killer.js'
import { randomOf } from './random.js'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000)
const kills = Number(process.env.FAULT_KILLS ?? 200)
const domains = [catalogueDeeds]

test(`of ${kills} kills nothing acknowledged is lost, and nothing is done twice`, {
  timeout: kills * 10_000 + 120_000,
}, async () => {
  console.log(`FAULT_SEED=${seed} FAULT_KILLS=${kills}`)
  const { faults, summary } = await drive({ seed, domains, clients: 6, kills: drawKinds(randomOf(seed), kills) })
  console.log(JSON.stringify(summary))
  expect(faults).toEqual([])
})
