import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'

const database = await cloneDatabase()
const ask = await apiOf(database)

const codes = async (filter: object): Promise<string[]> => {
  const query = 'query ($filter: LegalGroundFilter) { legalGrounds(first: 100, filter: $filter) { nodes { code } } }'
  const { data } = await ask(query, { variables: { filter } })
  return data.legalGrounds.nodes.map(({ code }: { code: string }) => code)
}

describe('The grounds of law are for everybody to read:', () => {
  it('who may ask what, for what, which fields, and by which norm', async () => {
    const query = `{ legalGrounds(first: 1, filter: { agency: "DVX", registry: "MEIS" }) { totalCount nodes {
      id code fields basis bases { az en } consentRequired validFrom validTo confidence source
      agency { code } registry { code } purpose { code } } } }`
    const { data, errors } = await ask(query, { language: 'ru' })
    expect(errors).toBeUndefined()
    const [row] = await database.client<{ id: string }[]>`
      select id from legal_grounds where code = 'DVX-MEIS-APPLICATION'`
    expect(data.legalGrounds).toEqual({
      totalCount: 1,
      nodes: [
        {
          ...{ id: nodeIdOf('LegalGround', row?.id as string), code: 'DVX-MEIS-APPLICATION', fields: null },
          ...{ basis: expect.stringMatching(/^Закон № 602-IIQ/), consentRequired: true },
          bases: { az: expect.stringMatching(/602-IIQ nömrəli Qanun/), en: expect.stringMatching(/^Law 602-IIQ/) },
          ...{ validFrom: '2022-12-31', validTo: null, confidence: 'RULE_DERIVED' },
          source: expect.stringMatching(/^legalacts.az\/14097/),
          ...{ agency: { code: 'DVX' }, registry: { code: 'MEIS' }, purpose: { code: 'APPLICATION' } },
        },
      ],
    })
  })

  it('the subject’s own have no agency', async () => {
    const { data } = await ask(
      '{ legalGrounds(first: 1, filter: { purpose: "OWN_DATA" }) { nodes { agency { id } } } }',
    )
    expect(data.legalGrounds.nodes).toEqual([{ agency: null }])
  })

  it('by agency, registry, purpose, need of consent, and day', async () => {
    expect(await codes({ registry: 'IAMAS' })).toEqual([
      ...['DIN-IAMAS-OPERATIONAL_SEARCH', 'DMX-IAMAS-VISA_DECISION', 'VXSIDA-IAMAS-VISA_DECISION'],
    ])
    expect(await codes({ agency: 'DVX', purpose: 'TAX_CONTROL' })).toEqual([
      ...['DVX-AVIS-TAX_CONTROL', 'DVX-COMMERCIAL-TAX_CONTROL'],
    ])
    expect(await codes({ consentRequired: true })).toEqual(['DVX-MEIS-APPLICATION', 'DVX-REALESTATE-APPLICATION'])
    expect(await codes({ registry: 'MEIS', on: '2022-12-30' })).toEqual(['OWN-MEIS'])
    expect(await codes({ registry: 'MEIS', on: '2022-12-31' })).toEqual(['DVX-MEIS-APPLICATION', 'OWN-MEIS'])
    await database.client`update legal_grounds set valid_to = '2023-01-31' where code = 'DVX-MEIS-APPLICATION'`
    expect(await codes({ agency: 'DVX', registry: 'MEIS', on: '2023-01-31' })).toEqual(['DVX-MEIS-APPLICATION'])
    expect(await codes({ agency: 'DVX', registry: 'MEIS', on: '2023-02-01' })).toEqual([])
    expect(await codes({ agency: 'NOBODY' })).toEqual([])
  })
})
