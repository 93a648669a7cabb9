import type { Sql } from 'postgres'
import { moving } from '../../support/applying.js'
import type { Deed, Deeds, Done } from './deed.js'
import { oneOf, type Random } from './random.js'

interface Known {
  service: string
  /** The revision as the client counts it: the worker registers a submission, which adds one. */
  revision: number
  state: 'DRAFT' | 'SAVED' | 'SENT' | 'ASSIGNED' | 'DECIDED'
}
interface World {
  applications: Map<string, Known>
}

// The second requires payment first, and so waits.
const services = ['DIN-ADDRESS-REG', 'DIN-ID-ISSUE']
/** What the registries of the sandbox know: another answer is refused. */
const applicant = {
  fin: 'TEST001',
  surname: 'Sınaq',
  givenName: 'Vətəndaş',
  birthDate: '1990-01-01',
  sex: 'M',
  citizenship: 'AZ',
}

const address = {
  unit: 'Sınaq rayonu',
  settlement: 'Sınaq şəhəri',
  street: 'Sınaq küçəsi',
  building: '1',
  flat: '1',
  postalIndex: 'AZ0000',
}

const answersFor = (service: string) =>
  service === services[0]
    ? { ...moving, applicant }
    : {
        reason: 'FIRST',
        holder: 'APPLICANT',
        speed: 'IN_10_DAYS',
        collectAt: 'Sınaq',
        confirmed: true,
        applicant: { ...applicant, birthPlace: 'Sınaq şəhəri', address },
        contact: moving.contact,
      }

function inState(random: Random, { applications }: World, ...states: Known['state'][]): [string, Known] | undefined {
  const found = [...applications].filter(([, { state }]) => states.includes(state))
  return found.length > 0 ? oneOf(random, found) : undefined
}
const at = (world: World, input: { applicationId: string }) => world.applications.get(input.applicationId) as Known // it came from there

const startApplication: Deed<World> = {
  name: 'startApplication',
  part: 'application',
  event: 'application.started',
  persona: 'citizen',
  input: (random) => ({ serviceCode: random() < 0.7 ? services[0] : services[1] }),
  done: ({ applications }, { serviceCode }, { id }) =>
    applications.set(id, { service: serviceCode, revision: 1, state: 'DRAFT' }),
}

const saveDraft: Deed<World> = {
  name: 'saveDraft',
  part: 'application',
  event: 'application.saved',
  persona: 'citizen',
  input(random, world) {
    const found = inState(random, world, 'DRAFT')
    return found && { applicationId: found[0], revision: found[1].revision, answers: answersFor(found[1].service) }
  },
  done: (world, input) => Object.assign(at(world, input), { revision: input.revision + 1, state: 'SAVED' }),
}

const submitApplication: Deed<World> = {
  name: 'submitApplication',
  part: 'application',
  event: 'application.submitted',
  persona: 'citizen',
  input(random, world) {
    const found = inState(random, world, 'SAVED')
    return found && { applicationId: found[0], revision: found[1].revision }
  },
  done: (world, input) => Object.assign(at(world, input), { revision: input.revision + 1, state: 'SENT' }),
}

const withdrawApplication: Deed<World> = {
  name: 'withdrawApplication',
  part: 'application',
  event: 'application.withdrawn',
  persona: 'citizen',
  input(random, world) {
    const [applicationId] = (random() < 0.2 && inState(random, world, 'DRAFT', 'SAVED', 'SENT')) || []
    return applicationId ? { applicationId } : undefined
  },
  done: ({ applications }, { applicationId }) => applications.delete(applicationId),
}

/** After the worker has registered it, one revision later. */
const assignApplication: Deed<World> = {
  name: 'assignApplication',
  part: 'application',
  event: 'application.assigned',
  persona: 'registration-deputy',
  mayBeRefused: 'application.changed',
  input(random, world) {
    const found = inState(random, world, 'SENT')
    return found && found[1].service === services[0]
      ? { applicationId: found[0], revision: found[1].revision + 1 }
      : undefined
  },
  done: (world, input) => Object.assign(at(world, input), { revision: input.revision + 1, state: 'ASSIGNED' }),
}

const decideApplication: Deed<World> = {
  name: 'decideApplication',
  part: 'application',
  event: 'application.approved',
  persona: 'registration-deputy',
  // The registries die with the login: what was typed meanwhile is not settled yet.
  mayBeRefused: 'application.unsettled',
  input(random, world) {
    const found = inState(random, world, 'ASSIGNED')
    return (
      found && { applicationId: found[0], revision: found[1].revision, outcome: 'APPROVED', reasoning: 'It is so.' }
    )
  },
  done: (world, input) => Object.assign(at(world, input), { revision: input.revision + 1, state: 'DECIDED' }),
}

export const applicationDeeds: Deeds<World> = {
  deeds: [startApplication, saveDraft, submitApplication, withdrawApplication, assignApplication, decideApplication],
  world: () => ({ applications: new Map() }),
  faults: faultsOfApplications,
}

/** Checks each application: one row, a timeline entry for each change, a receipt if submitted, and its state. */
async function faultsOfApplications(client: Sql, done: Done[]): Promise<string[]> {
  const ofApplications = new Map<string, Done[]>()
  for (const deed of done) ofApplications.set(deed.made, [...(ofApplications.get(deed.made) ?? []), deed])
  const rows = await client`
    select id, service_code as service, state, revision,
      (select count(*)::int from timeline_entries where application_id = applications.id) as entries,
      (select count(*)::int from issued_documents where subject_id = applications.id and kind = 'APPLICATION_RECEIPT') as receipts,
      (select count(*)::int from decisions where application_id = applications.id) as decisions,
      (select count(*)::int from issued_documents where subject_id = applications.id and kind = 'DECISION'
        and signature is not null and pdf_sha256 is not null) as printed,
      (select count(*)::int from events where subject = applications.id and type = 'application.registered') as registered
    from applications`
  const standing = new Map(rows.map(({ id, ...row }) => [id, row]))
  const [twice] = await client`
    select number from (select number from applications union all select number from issued_documents) all_numbers
    group by number having count(*) > 1`
  return [
    ...(twice ? [`the number ${twice.number} was used twice`] : []),
    ...[...ofApplications].flatMap(([id, deeds]) => {
      const [expected, found] = [expectedOf(deeds), standing.get(id)]
      return isAs(expected, found) ? [] : [`${id} must be ${JSON.stringify(expected)}; it is ${JSON.stringify(found)}`]
    }),
  ]
}

function expectedOf(deeds: Done[]) {
  const names = deeds.map(({ deed }) => deed)
  const [{ input } = { input: undefined }] = deeds
  const isSent = names.includes('submitApplication')
  const isWithdrawn = names.includes('withdrawApplication')
  const isTaken = names.includes('assignApplication')
  const isDecided = names.includes('decideApplication')
  const waits = input?.serviceCode === services[1]
  const sent = waits ? 'AWAITING_PAYMENT' : 'REGISTERED'
  return {
    service: input?.serviceCode,
    state: isWithdrawn ? 'WITHDRAWN' : isDecided ? 'READY' : isTaken ? 'IN_REVIEW' : isSent ? sent : 'DRAFT',
    receipts: isSent ? 1 : 0,
    decisions: isDecided ? 1 : 0,
    changes: deeds.length,
    // It may have been registered before it was withdrawn.
    registered: isSent && !waits ? (isWithdrawn ? [0, 1] : [1]) : [0],
  }
}

function isAs(expected: ReturnType<typeof expectedOf>, found: Record<string, unknown> | undefined): boolean {
  if (!found) return false
  const { service, state, receipts, decisions, changes, registered } = expected
  const entered = Number(found.registered)
  return (
    [found.service === service, found.state === state, found.receipts === receipts].every(Boolean) &&
    registered.includes(entered) &&
    [found.decisions, found.printed].every((count) => count === decisions) &&
    [found.revision, found.entries].every((count) => count === changes + entered)
  )
}
