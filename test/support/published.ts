import type { Answer, Ask } from './api.js'

const inAll = (text: string) => ({ az: `${text} (az)`, en: `${text} (en)`, ru: `${text} (ru)` })
const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['subject', 'free'],
  properties: {
    subject: { type: 'string', minLength: 1, maxLength: 200, 'x-title': inAll('Subject') },
    free: { type: 'boolean', 'x-title': inAll('Whether it is free') },
  },
}
const sections = [{ name: 'what', title: inAll('What'), fields: ['/subject', '/free'] }]

/** A complete version of a service. */
export const completeVersion = (validFrom: string) => ({
  validFrom,
  interaction: 'INTERACTIVE',
  handledAs: 'APPLICATION',
  automation: 'FULL',
  assurance: 'SUBSTANTIAL',
  signers: [],
  delegable: true,
  result: 'DOCUMENT',
  note: inAll('Note'),
  opinionReference: 'Opinion 1 of 2026-01-01',
  registerReference: 'Entry 1 of 2026-01-02',
  tariffs: [
    {
      code: 'STANDARD',
      name: inAll('Standard'),
      requires: { answers: [{ at: '/free', in: ['false'] }] },
      fees: [
        {
          code: 'DUTY',
          name: inAll('Duty'),
          kind: 'STATE_DUTY',
          amount: '12.50',
          currency: 'AZN',
          due: 'BEFORE_REGISTRATION',
          budget: { classification: '142151' },
          source: 'Norm 1',
        },
      ],
      terms: [{ purpose: 'DECISION', value: 10, unit: 'WORKING_DAY', source: 'Norm 2' }],
    },
    {
      code: 'FREE',
      name: inAll('For free'),
      requires: { answers: [{ at: '/free', in: ['true'] }] },
      fees: [
        { code: 'DUTY', name: inAll('Duty'), amount: '0', currency: 'AZN', note: inAll('Free'), source: 'Norm 1' },
      ],
      terms: [{ purpose: 'DECISION', value: 10, unit: 'WORKING_DAY', source: 'Norm 2' }],
    },
  ],
  requiredDocuments: [
    { code: 'PROOF', name: inAll('Proof'), mandatory: true, obtainableFromRegistryCode: 'POPULATION' },
  ],
  steps: [
    { name: inAll('Check'), maximumValue: 1, maximumUnit: 'WORKING_DAY', agencyCode: 'DVX' },
    { name: inAll('Hand over'), content: inAll('At the counter') },
  ],
  legalBases: [{ title: inAll('Law'), article: '38.6', url: 'https://example.org/law' }],
  refusalGrounds: [{ code: 'LATE', text: inAll('Too late'), norm: inAll('Norm 4'), source: 'Norm 4' }],
  form: { schema: JSON.stringify(schema), sections: JSON.stringify(sections), source: 'Norm 3' },
})

/** A complete service, as the operator publishes it. */
export const completeService = (code: string, validFrom: string) => ({
  code,
  agencyCode: 'DIN',
  lifeEventCode: 'HOUSING',
  name: inAll(code),
  description: inAll('What it is'),
  audiences: ['CITIZEN', 'FOREIGNER'],
  direction: 'G2C',
  source: 'Register of services',
  version: completeVersion(validFrom),
})

let keys = 0
/** Sends a mutation as the operator. Returns its payload, or throws the errors. */
export async function commanded(
  ask: Ask,
  name: string,
  input: object,
  selection = 'service { code status }',
  { language = 'az' } = {},
): Promise<Answer['data']> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
  const query = `mutation ($input: ${type}) {
    ${name}(input: $input) { ${selection} userErrors { code reason field message params { name value } } replayed } }`
  const idempotencyKey = `a-key-of-a-test-${++keys}`
  const { data, errors } = await ask(query, {
    operator: true,
    variables: { input: { idempotencyKey, ...input } },
    language,
  })
  if (errors) throw new Error(JSON.stringify(errors))
  return data[name]
}
