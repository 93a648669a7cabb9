import { beforeAll, describe, expect, it } from 'vitest'
import type { Application } from '../../src/applications/application.repository.js'
import { handOver } from '../../src/applications/procedure.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, movingAnswers, registrars } from '../support/applying.js'
import { keyringOfFile as keyring } from '../support/server.js'

const { database, outcomeOf, send, read, rowOf, inReview, partyOf } = await applyingOf()
beforeAll(async () => {
  await registrars(database)
})

/** Stays handed over when the file ends, and then finds nothing wrong. */
let forbidden: string | undefined
const approved: Application[] = []
handOver([
  {
    services: ['DIN-ADDRESS-REG'],
    check: ({ answers }) =>
      forbidden && (answers.applicant as { fin: string }).fin === forbidden
        ? [{ code: 'INVALID', reason: 'service.not_for_them', field: ['answers', 'applicant'] }]
        : [],
    approved: async (application) => {
      approved.push(application)
    },
  },
])

describe('A procedure', () => {
  it('rejects who may not apply, at the start and at submission', async () => {
    const partyId = await partyOf('citizen')
    const answers = movingAnswers
    const key = await insertApplication(database, keyring, {
      partyId,
      service: 'DIN-ADDRESS-REG',
      state: 'DRAFT',
      answers,
    })
    forbidden = 'TEST001'
    const started = await send('citizen', 'startApplication', { serviceCode: 'DIN-ADDRESS-REG' })
    const submitted = await send('citizen', 'submitApplication', {
      applicationId: nodeIdOf('Application', key),
      revision: 1,
    })
    const shown = await read((await rowOf(key)).number, 'validationErrors { reason field }')
    forbidden = undefined
    expect(started.userErrors).toMatchObject([{ reason: 'service.not_for_them', field: ['partyId'] }])
    const atSubmission = { reason: 'service.not_for_them', field: ['answers', 'applicant'] }
    expect(submitted.userErrors).toContainEqual(expect.objectContaining(atSubmission))
    expect(shown.validationErrors).toEqual([atSubmission])
  })

  it('issues what an approval grants, and nothing for a refusal', async () => {
    const deputy = 'registration-deputy'
    const [granted, refused] = [await inReview(deputy), await inReview(deputy)]
    const outcomes = [
      { ...granted, decision: { outcome: 'APPROVED' } },
      { ...refused, decision: { outcome: 'REFUSED', reasoning: 'Sənəd çatmır', groundCodes: ['FALSE_DATA'] } },
    ].map(({ id, revision, decision }) =>
      outcomeOf(deputy, 'decideApplication', { applicationId: id, revision, ...decision }),
    )
    expect(await Promise.all(outcomes)).toEqual(['done', 'done'])
    expect(approved.map(({ id }) => id)).toEqual([granted.key])
  })

  it('cannot be handed over for a service that has one', () => {
    expect(() => handOver([{ services: ['DIN-ADDRESS-REG'] }])).toThrow('DIN-ADDRESS-REG has two')
  })
})
