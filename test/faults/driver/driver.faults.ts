import { describe, expect, it } from 'vitest'
import { long } from '../../support/long.js'
import { drive } from './drive.js'
import { drawKinds } from './killer.js'
import { randomOf } from './random.js'

const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000)
const kills = Number(process.env.FAULT_KILLS ?? (long ? 200 : 20))

describe('A server whose processes are killed', () => {
  const timeout = kills * 30_000 + 300_000
  it(`loses nothing it has acknowledged, and does nothing twice, in ${kills} kills`, { timeout }, async () => {
    console.log(`FAULT_SEED=${seed} FAULT_KILLS=${kills}`)
    const { faults, summary } = await drive({ seed, kills: drawKinds(randomOf(seed), kills) })
    console.log(JSON.stringify(summary))
    expect(faults).toEqual([])
  })
})
