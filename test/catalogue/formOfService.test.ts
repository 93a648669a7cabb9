import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { asc, eq } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forms } from '../../src/catalogue/form.table.js'
import { services } from '../../src/catalogue/service.table.js'
import { serviceVersions } from '../../src/catalogue/serviceVersion.table.js'
import { seed } from '../../src/seed.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase, emptyCatalogue, unkept } from '../support/database.js'
import { type DataFiles, dataFiles, dataFolder } from '../support/dataFolder.js'

const database = await cloneDatabase()
const { db } = database
const ask = await apiOf(database, { now: () => new Date('2026-11-24T08:00:00Z') })
const nothing = { added: [], renewed: [], kept: [], gone: [] }

const seedAnew = async () => {
  await emptyCatalogue(database)
  await seed(database)
}

const seedChanged = (change: (files: DataFiles) => void) =>
  seed(
    database,
    dataFolder((files) => {
      files.services.compiledOn = '2027-03-01'
      change(files)
    }),
  )
/** The forms of a service's versions, the oldest first. */
const formsOf = (code: string) =>
  db
    .select({ number: serviceVersions.number, validFrom: serviceVersions.validFrom, form: forms })
    .from(serviceVersions)
    .innerJoin(services, eq(services.id, serviceVersions.serviceId))
    .leftJoin(forms, eq(forms.versionId, serviceVersions.id))
    .where(eq(services.code, code))
    .orderBy(asc(serviceVersions.number))
const hoped = { az: 'Arzu olunan tarix', en: 'The day hoped for', ru: 'Дата, на которую надеются' }
const rename = ({ forms }: DataFiles) =>
  Object.assign(forms['ED-MARRIAGE']?.schema.properties?.preferredOn ?? {}, { 'x-title': hoped })

describe('a changed form', () => {
  beforeEach(seedAnew)

  it('makes a new version of its service, and leaves the form of the version before', async () => {
    const [before] = await formsOf('ED-MARRIAGE')
    const report = await seedChanged(rename)
    expect(report.versions).toEqual({ ...nothing, renewed: ['ED-MARRIAGE'] })
    const [first, second] = await formsOf('ED-MARRIAGE')
    expect(first).toEqual(before)
    expect(second).toMatchObject({ number: 2, validFrom: '2027-03-01' })
    expect(second?.form?.schema.properties?.preferredOn?.['x-title']).toEqual(hoped)
  })

  it('of many makes one of each that refers to what changed', async () => {
    const using = Object.entries(dataFiles().forms).filter(([, file]) => JSON.stringify(file).includes('$defs/percent'))
    const report = await seedChanged(({ parts }) => Object.assign(parts.percent ?? {}, { maxLength: 9 }))
    expect(report.versions).toEqual({ ...nothing, renewed: using.map(([code]) => code) })
  })

  it('that is gone leaves a version without one', async () => {
    await seedChanged((files) => {
      delete files.forms['ED-MARRIAGE']
    })
    expect((await formsOf('ED-MARRIAGE')).map(({ form }) => form === null)).toEqual([false, true])
  })

  it('is not taken where an operator changed the one before', async () => {
    const [mine] = await formsOf('ED-MARRIAGE')
    await unkept(database, (tx) =>
      tx
        .update(forms)
        .set({ ui: { sections: [] } })
        .where(eq(forms.id, mine?.form?.id ?? '')),
    )
    expect((await seedChanged(rename)).versions).toEqual({ ...nothing, kept: ['ED-MARRIAGE'] })
    expect(await formsOf('ED-MARRIAGE')).toMatchObject([{ number: 1, form: { ui: { sections: [] } } }])
  })
})

it('A form that does not compile stops the seed with its place, and a form of no service with its code', async () => {
  const broken = seedChanged(({ forms }) =>
    Object.assign(forms['ED-BIRTH']?.schema.properties ?? {}, { child: { type: 'objet' } }),
  )
  await expect(broken).rejects.toThrow(
    /^catalogue\/forms\/ED-BIRTH\.form\.json: schema\/properties\/child\/type: it must/,
  )
  const lost = seedChanged(({ forms }) => {
    forms['ED-NOBODY'] = forms['ED-BIRTH'] as DataFiles['forms'][string]
  })
  await expect(lost).rejects.toThrow('catalogue/forms: a form is of a service of services.data.json; came "ED-NOBODY"')
  expect(await formsOf('ED-BIRTH')).toHaveLength(1)
})

it('A start that has nothing to seed loads nothing that compiles forms', () => {
  const reached = new Set<string>()
  const reach = (path: string) => {
    if (reached.has(path)) return
    reached.add(path)
    if (!path.startsWith('src/')) return
    const imports = readFileSync(path, 'utf8').matchAll(/^(?:import(?! type)|} from|export \*).*'([^']+)'$/gm)
    for (const [, to = ''] of imports) reach(to.startsWith('.') ? join(dirname(path), to).replace(/\.js$/, '.ts') : to)
  }
  // A start loads them by its role: main.ts names both late.
  reach('src/main.ts')
  reach('src/api.ts')
  reach('src/worker.ts')
  expect([...reached]).toContain('src/catalogue/form.ts')
  expect([...reached].filter((path) => /^ajv|form(Files|\.rules)\.ts$/.test(path))).toEqual([])
})

describe('the API', () => {
  beforeAll(seedAnew)

  const query = '{ service(code: "ED-MARRIAGE") { version { form { schema ui confidence source } } } }'
  const formIn = async (language: string) => (await ask(query, { language })).data.service.version.form

  it('gives a form in the language of the caller, with nothing left of the others', async () => {
    const [az, en, ru] = await Promise.all([formIn('az'), formIn('en'), formIn('ru')])
    expect(az.schema.properties.office.title).toBe('Qeydiyyat şöbəsi')
    expect(en.schema.properties.office.title).toBe('Registration office')
    expect(ru.schema.$defs.contact.properties.phone.description).toMatch(/^В международной форме/)
    expect(en.schema.$defs.sex.oneOf).toContainEqual({ const: 'F', title: 'Female' })
    expect(en.ui.sections[1]).toMatchObject({
      title: 'The other applicant',
      help: 'They join with a confirmation code',
    })
    for (const form of [az, en, ru]) expect(JSON.stringify(form)).not.toMatch(/"x-(title|help)"|"(az|en|ru)":/)
    expect(/\p{Script=Cyrillic}/u.test(JSON.stringify([az, en]))).toBe(false)
    expect(en).toMatchObject({ confidence: 'GENERAL_KNOWLEDGE', source: null })
  })

  it('keeps the fields in the order in which they are written', async () => {
    const { schema } = await formIn('en')
    const written = dataFiles().forms['ED-MARRIAGE']?.schema
    expect(Object.keys(schema.properties)).toEqual(Object.keys(written?.properties ?? {}))
    expect(Object.keys(schema.properties.spouse.properties)).toEqual(
      Object.keys(written?.properties?.spouse?.properties ?? {}),
    )
  })

  it('says where an answer comes from, and of whom', async () => {
    const { schema } = await formIn('en')
    expect(schema.properties.spouse).toMatchObject({
      'x-subject': 'fin',
      properties: { birthDate: { 'x-registry': 'population.birthDate' } },
    })
    expect(schema.properties.applicant['x-subject']).toBe('applicant')
  })

  it('gives a schema that a validator takes as it comes', async () => {
    const { schema } = await formIn('ru')
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    const [example] = dataFiles().forms['ED-MARRIAGE']?.examples.valid ?? []
    expect([validate(example), validate({ ...example, spouse: {} })]).toEqual([true, false])
  })

  it('has null where a service has no form', async () => {
    const { data } = await ask('{ service(code: "GOV-ESIGN") { version { form { schema } } } }')
    expect(data.service.version).toEqual({ form: null })
  })
})
