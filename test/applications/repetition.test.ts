import { beforeAll, describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { Power } from '../../src/identity/mandates/mandate.table.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, changeProcess, movingAnswers } from '../support/applying.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'

const { database, send, outcomeOf, draft, rowOf, partyOf } = await applyingOf()
const service = 'DIN-ADDRESS-REG'
beforeAll(() => changeProcess(database, service, { oneOpen: true, coApplicants: 1 }))

const submit = (by: string, { id, revision }: { id: string; revision: number }) =>
  send(by, 'submitApplication', { applicationId: id, revision }, 'application { state number } invitationCodes')
const end = (number: string) => database.client`update applications set state = 'WITHDRAWN' where number = ${number}`
const openAlready = (number: string, field: string) => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.open_already',
  field: [field],
  params: [{ name: 'number', value: number }],
})

describe('A service that allows one open application', () => {
  it('takes one of two drafts that are submitted at the same time, and then starts no other', async () => {
    const drafts = [await draft(), await draft()]
    const sent = await Promise.all(drafts.map((one) => submit('citizen', one)))
    const number: string = sent.find(({ application }) => application)?.application.number
    expect(sent.flatMap(({ userErrors }) => userErrors)).toMatchObject([openAlready(number, 'applicationId')])
    const started = await send('citizen', 'startApplication', { serviceCode: service })
    expect(started.userErrors).toMatchObject([openAlready(number, 'partyId')])
    await end(number)
    const again = drafts.find((_, at) => sent[at]?.application === null) as (typeof drafts)[0]
    const resubmitted = await submit('citizen', again)
    expect(resubmitted.userErrors).toEqual([])
    await end(resubmitted.application.number)
  })

  it('hides the number of the first from a delegate who may file but not see it', async () => {
    const partyId = await partyOf('citizen')
    await changeProcess(database, service, { oneOpen: true, coApplicants: 1 })
    const key = await insertApplication(database, keyring, { partyId, service, state: 'IN_REVIEW' })
    const { number } = await rowOf(key)
    const delegates: [persona: string, powers: Power[]][] = [
      ['company-head', [Power.FILE]],
      ['company-delegate', [Power.FILE, Power.VIEW]],
    ]
    const seen = []
    for (const [persona, powers] of delegates) {
      await partiesIn(database).give(partyId, await partyOf(persona), { powers })
      const input = { serviceCode: service, partyId: nodeIdOf('Party', partyId) }
      seen.push((await send(persona, 'startApplication', input)).userErrors)
    }
    expect(seen).toMatchObject([
      [{ reason: 'application.open_elsewhere', params: [] }],
      [openAlready(number, 'partyId')],
    ])
    await end(number)
  })

  it('lets nobody confirm a second application as a co-applicant', async () => {
    const invited = await submit('citizen', await draft())
    const partyId = await partyOf('other-citizen')
    const key = await insertApplication(database, keyring, {
      partyId,
      service,
      state: 'AWAITING_CONFIRMATION',
      answers: movingAnswers,
    })
    const { number } = await rowOf(key)
    const input = { applicationNumber: invited.application.number, code: invited.invitationCodes[0] }
    const confirmed = await send('other-citizen', 'confirmApplication', input)
    expect(confirmed.userErrors).toMatchObject([openAlready(number, 'code')])
    await end(number)
    expect(await outcomeOf('other-citizen', 'confirmApplication', input)).toBe('done')
    // Now the co-applicant cannot apply either.
    const started = await send('other-citizen', 'startApplication', { serviceCode: service })
    expect(started.userErrors).toMatchObject([openAlready(invited.application.number, 'partyId')])
  })
})
