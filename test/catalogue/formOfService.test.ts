import { Ajv2020 } from 'ajv/dist/2020.js'
import { asc, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { forms } from '../../src/catalogue/forms/form.table.js'
import { services } from '../../src/catalogue/services/service.table.js'
import { serviceVersions } from '../../src/catalogue/services/serviceVersion.table.js'
import { seed } from '../../src/seed.js'
import { apiOf } from '../support/api.js'
import { undoEach, unkept } from '../support/database.js'
import { type DataFiles, dataFiles } from '../support/dataFiles.js'
import { cloneSmallDatabase, smallFiles } from '../support/smallCatalogue.js'

const seeded = await cloneSmallDatabase()
const ask = await apiOf(seeded, { now: () => new Date('2026-11-24T08:00:00Z') })
const database = undoEach(seeded)
const code = 'ED-MARRIAGE'
const nothing = { added: [], renewed: [], kept: [], gone: [] }

const seedChanged = (change: (files: DataFiles) => void) =>
  seed(
    database,
    smallFiles((files) => {
      files.services.compiledOn = '2027-03-01'
      change(files)
    }),
  )
/** The forms of the versions of the service, the oldest first. */
const listForms = () =>
  database.db
    .select({ number: serviceVersions.number, validFrom: serviceVersions.validFrom, form: forms })
    .from(serviceVersions)
    .innerJoin(services, eq(services.id, serviceVersions.serviceId))
    .leftJoin(forms, eq(forms.versionId, serviceVersions.id))
    .where(eq(services.code, code))
    .orderBy(asc(serviceVersions.number))
const title = { az: 'Arzu olunan tarix', en: 'Preferred date', ru: 'Желаемая дата' }
const rename = ({ forms }: DataFiles) =>
  Object.assign(forms[code]?.schema.properties?.preferredOn ?? {}, { 'x-title': title })

describe('seedCatalogue', () => {
  it('adds a version for a changed form and leaves the earlier form unchanged', async () => {
    const [before] = await listForms()
    expect((await seedChanged(rename)).versions).toEqual({ ...nothing, renewed: [code] })
    const [first, second] = await listForms()
    expect(first).toEqual(before)
    expect(second).toMatchObject({ number: 2, validFrom: '2027-03-01' })
    expect(second?.form?.schema.properties?.preferredOn?.['x-title']).toEqual(title)
  })

  it('adds a version for a changed part where a form refers to it, and nowhere else', async () => {
    const versionsAfter = async (part: string) =>
      (await seedChanged(({ parts }) => Object.assign(parts[part] ?? {}, { maxLength: 9 }))).versions
    expect(await versionsAfter('percent')).toEqual(nothing)
    expect(await versionsAfter('documentNumber')).toEqual({ ...nothing, renewed: [code] })
  })

  it('adds a version without a form when the form left the files', async () => {
    await seedChanged((files) => {
      files.forms = {}
    })
    expect((await listForms()).map(({ form }) => form === null)).toEqual([false, true])
  })

  it('keeps a form that the operator changed', async () => {
    const [mine] = await listForms()
    await unkept(database, (tx) =>
      tx
        .update(forms)
        .set({ ui: { sections: [] } })
        .where(eq(forms.id, mine?.form?.id ?? '')),
    )
    expect((await seedChanged(rename)).versions).toEqual({ ...nothing, kept: [code] })
    expect(await listForms()).toMatchObject([{ number: 1, form: { ui: { sections: [] } } }])
  })

  it('refuses a form that does not compile with its place', async () => {
    const refused = seedChanged(({ forms }) =>
      Object.assign(forms[code]?.schema.properties ?? {}, { office: { type: 'objet' } }),
    )
    await expect(refused).rejects.toThrow(
      /^catalogue\/forms\/ED-MARRIAGE\.form\.json: schema\.properties\.office\.type: it must/,
    )
  })

  it('refuses a form of an unknown service with its code', async () => {
    const refused = seedChanged(({ forms }) => {
      forms['ED-NOBODY'] = forms[code] as DataFiles['forms'][string]
    })
    await expect(refused).rejects.toThrow(
      'catalogue/forms: a form is of a service of services.data.json; got "ED-NOBODY"',
    )
  })
})

describe('service.currentVersion.form', () => {
  const query = '{ service(code: "ED-MARRIAGE") { currentVersion { form { schema ui confidence source } } } }'
  const formIn = async (language: string) => (await ask(query, { language })).data.service.currentVersion.form

  it('has the texts of the language of the caller alone', async () => {
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

  it('keeps the fields in the order of the file', async () => {
    const { schema } = await formIn('en')
    const written = dataFiles().forms['ED-MARRIAGE']?.schema
    expect(Object.keys(schema.properties)).toEqual(Object.keys(written?.properties ?? {}))
    expect(Object.keys(schema.properties.spouse.properties)).toEqual(
      Object.keys(written?.properties?.spouse?.properties ?? {}),
    )
  })

  it('says which registry an answer comes from, and about whom', async () => {
    const { schema } = await formIn('en')
    expect(schema.properties.spouse).toMatchObject({
      'x-subject': 'fin',
      properties: { birthDate: { 'x-registry': 'population.birthDate' } },
    })
    expect(schema.properties.applicant['x-subject']).toBe('applicant')
  })

  it('marks what sign-in and registries fill in for the applicant as readOnly', async () => {
    const { applicant, spouse, office } = (await formIn('az')).schema.properties
    const { fin, sex, surnameAfter } = applicant.properties
    expect([fin.readOnly, sex.readOnly, surnameAfter.readOnly]).toEqual([true, true, undefined])
    expect([spouse.properties.fin.readOnly, office.readOnly]).toEqual([undefined, undefined])
  })

  it('has a schema that any JSON Schema validator compiles', async () => {
    const { schema } = await formIn('ru')
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    const [example] = dataFiles().forms['ED-MARRIAGE']?.examples.valid ?? []
    expect([validate(example), validate({ ...example, spouse: {} })]).toEqual([true, false])
  })

  it('is null where a service has no form', async () => {
    const { data } = await ask('{ service(code: "GOV-ESIGN") { currentVersion { form { schema } } } }')
    expect(data.service.currentVersion).toEqual({ form: null })
  })
})
