import { describe, expect, it } from 'vitest'
import { nodeIdOf } from '../../src/engine/node.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'

const database = await cloneDatabase()
const ask = await apiOf(database)

const codes = async (filter: object): Promise<string[]> => {
  const query = 'query ($filter: LegalGroundFilter) { legalGrounds(first: 100, filter: $filter) { nodes { code } } }'
  const { data } = await ask(query, { variables: { filter } })
  return data.legalGrounds.nodes.map(({ code }: { code: string }) => code)
}

describe('legalGrounds', () => {
  it('shows anybody which agency may ask which registry, why, for which fields and by which norm', async () => {
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
          id: nodeIdOf('LegalGround', row!.id),
          code: 'DVX-MEIS-APPLICATION',
          fields: null,
          basis: expect.stringMatching(/^Закон № 602-IIQ/),
          bases: { az: expect.stringMatching(/602-IIQ nömrəli Qanun/), en: expect.stringMatching(/^Law 602-IIQ/) },
          consentRequired: true,
          validFrom: '2022-12-31',
          validTo: null,
          confidence: 'RULE_DERIVED',
          source: expect.stringMatching(/^legalacts.az\/14097/),
          agency: { code: 'DVX' },
          registry: { code: 'MEIS' },
          purpose: { code: 'APPLICATION' },
        },
      ],
    })
  })

  it('shows no agency for a ground of the subject', async () => {
    const query = '{ legalGrounds(first: 1, filter: { purpose: "OWN_DATA" }) { nodes { agency { id } } } }'
    expect((await ask(query)).data.legalGrounds.nodes).toEqual([{ agency: null }])
  })

  it('filters by agency, registry, purpose and need of consent', async () => {
    expect(await codes({ registry: 'IAMAS' })).toEqual([
      'DIN-IAMAS-OPERATIONAL_SEARCH',
      'DMX-IAMAS-VISA_DECISION',
      'VXSIDA-IAMAS-VISA_DECISION',
    ])
    expect(await codes({ agency: 'DVX', purpose: 'TAX_CONTROL' })).toEqual([
      'DVX-AVIS-TAX_CONTROL',
      'DVX-COMMERCIAL-TAX_CONTROL',
    ])
    expect(await codes({ consentRequired: true })).toEqual(['DVX-MEIS-APPLICATION', 'DVX-REALESTATE-APPLICATION'])
  })

  it('filters by a day from the first to the last day of the ground', async () => {
    await database.client`update legal_grounds set valid_to = '2023-01-31' where code = 'DVX-MEIS-APPLICATION'`
    const on = (day: string) => codes({ agency: 'DVX', registry: 'MEIS', on: day })
    expect(await on('2022-12-30')).toEqual([])
    expect(await on('2022-12-31')).toEqual(['DVX-MEIS-APPLICATION'])
    expect(await on('2023-01-31')).toEqual(['DVX-MEIS-APPLICATION'])
    expect(await on('2023-02-01')).toEqual([])
  })

  it.each(['agency', 'registry', 'purpose'])(
    'returns BAD_USER_INPUT when the code of its %s is unknown',
    async (condition) => {
      const query = `{ legalGrounds(first: 1, filter: { ${condition}: "NOBODY" }) { totalCount } }`
      expect((await ask(query)).errors).toMatchObject([
        { message: `There is no ${condition} with the code "NOBODY".`, extensions: { code: 'BAD_USER_INPUT' } },
      ])
    },
  )
})
