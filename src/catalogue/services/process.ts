import { inArray } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { loadFor } from '../../engine/fetch.js'
import { beforeDeadline } from '../../engine/statement.js'
import { Confidence, source } from '../../shared/confidence.js'
import type { Context } from '../../shared/context.js'
import { TermUnit } from '../../shared/termUnit.js'
import { processes, RegistryDown, TermEnd } from './process.table.js'
import { ServiceVersion } from './serviceVersion.js'
import { type ProcessContent, usualProcess } from './usualProcess.js'

registerEnumType(TermEnd, {
  name: 'TermEnd',
  description: 'What happens when the term of an application is over and nothing was decided.',
  valuesConfig: {
    ESCALATED: { description: 'The ADMIN of the agency is told, and it goes on.' },
    DEEMED_APPROVED: { description: 'The law takes it to be granted, with effect at the end of the term.' },
    DEEMED_REFUSED: { description: 'The law takes it to be refused, with effect at the end of the term.' },
  },
})
registerEnumType(RegistryDown, {
  name: 'RegistryDown',
  description: 'What becomes of answers that a registry would give which cannot be asked.',
  valuesConfig: {
    ASKED_OF_PERSON: { description: 'The person answers themselves.' },
    FILLED_LATER: { description: 'They are filled when it answers again; until then the application is not sent.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'A length of time.' })
export class Duration {
  @Field(() => Int, { description: 'How many units.' })
  value!: number
  @Field(() => TermUnit, { description: 'The unit of the value.' })
  unit!: TermUnit
}

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'How an application goes its way. When it is paid for, the fees say: see `fees { due }`.',
})
export class Process {
  @Field(() => Int, { description: 'How many apply together beside the applicant, each of whom confirms it.' })
  coApplicants!: number
  @Field(() => Duration, {
    nullable: true,
    description: 'So long nothing is decided after it came; null: it may be at once.',
  })
  waiting!: Duration | null
  @Field(() => Duration, {
    nullable: true,
    description: 'By so much at most the agency may extend its term, once and with notice; null: by nothing.',
  })
  extension!: Duration | null
  @Field(() => TermEnd, { description: 'What happens when its term is over and nothing was decided.' })
  termEnd!: TermEnd
  @Field(() => Int, { description: 'For how many calendar days a decision can be appealed; 0: it cannot.' })
  appealDays!: number
  @Field(() => RegistryDown, { description: 'What becomes of answers of a registry that cannot be asked.' })
  registryDown!: RegistryDown
  @Field(() => Boolean, { description: 'Whether the agency may begin one for a person, who then sends it.' })
  proactive!: boolean
  @Field(() => Boolean, { description: 'Whether its decisions are numbered without gaps.' })
  numbered!: boolean
  @Field(() => Confidence, { description: 'How far the whole of it may be relied upon.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

@Resolver(() => ServiceVersion)
export class ProcessResolver {
  @FieldResolver(() => Process, { nullable: true, description: 'How an application under these rules goes its way.' })
  async process(@Root() { id }: { id: string }, @Ctx() context: Context): Promise<Process> {
    const { waitingValue, waitingUnit, extensionValue, extensionUnit, ...told } = await loadFor(
      context,
      processesOf,
      id,
    )
    return {
      ...told,
      waiting: durationOf(waitingValue, waitingUnit),
      extension: durationOf(extensionValue, extensionUnit),
    }
  }
}

const durationOf = (value: number | null, unit: TermUnit | null): Duration | null =>
  value === null || unit === null ? null : { value, unit }

async function processesOf(ids: readonly string[], { database: { db }, deadline }: Context): Promise<ProcessContent[]> {
  const rows = await beforeDeadline(deadline, () =>
    db
      .select()
      .from(processes)
      .where(inArray(processes.versionId, [...ids])),
  )
  const byVersion = new Map(rows.map((row) => [row.versionId, row]))
  return ids.map((id) => byVersion.get(id) ?? usualProcess)
}
