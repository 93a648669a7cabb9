import { inArray } from 'drizzle-orm'
import { Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { loadFor } from '../../engine/fetch.js'
import { beforeDeadline } from '../../engine/statement.js'
import { Confidence, source } from '../../shared/confidence.js'
import type { Context } from '../../shared/context.js'
import { wordsIn } from '../../shared/language.js'
import { TermUnit } from '../../shared/termUnit.js'
import { processes, RegistryDown, TermEnd } from './process.table.js'
import { ServiceVersion } from './serviceVersion.js'
import { type ProcessContent, usualProcess } from './usualProcess.js'

registerEnumType(TermEnd, {
  name: 'TermEnd',
  description: 'What happens when the term of an application ends without a decision.',
  valuesConfig: {
    ESCALATED: { description: 'The ADMIN of the agency is notified. Processing continues.' },
    DEEMED_APPROVED: { description: 'Deemed approval: by law the application is granted at the end of the term.' },
    DEEMED_REFUSED: { description: 'Deemed refusal: by law the application is refused at the end of the term.' },
  },
})
registerEnumType(RegistryDown, {
  name: 'RegistryDown',
  description: 'How answers are filled in when a registry is unavailable.',
  valuesConfig: {
    ASK_APPLICANT: { description: 'The applicant answers.' },
    WAIT_FOR_REGISTRY: {
      description:
        'The answers are filled in when the registry is available again. Until then the application cannot be submitted.',
    },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Length of time.' })
export class Duration {
  @Field(() => Int, { description: 'Number of units.' })
  value!: number
  @Field(() => TermUnit, { description: 'Unit of the value.' })
  unit!: TermUnit
}

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description: 'How applications are processed. See `tariffs { fees { due } }` for when payment is due.',
})
export class Process {
  @Field(() => Int, {
    description: 'Number of co-applicants, unless the form names them. Each of them must confirm the application.',
  })
  coApplicants!: number
  @Field(() => Duration, {
    nullable: true,
    description: 'Minimum time between submission and approval. Null if there is no waiting period.',
  })
  waiting!: Duration | null
  @Field(() => Int, {
    nullable: true,
    description:
      'Longest extension, in units of the term, allowed once and with notice. 0 if the term cannot be extended. Null ' +
      'if the extension may be as long as the term.',
  })
  extension!: number | null
  @Field(() => TermEnd, { description: 'What happens when the term ends without a decision.' })
  termEnd!: TermEnd
  @Field(() => String, {
    nullable: true,
    description:
      'Legal norm that a deemed decision cites. In the language of `Accept-Language` (az, en, ru). Null if ' +
      '`termEnd` is ESCALATED.',
  })
  termEndNorm!: string | null
  @Field(() => Int, { description: 'Number of calendar days to appeal a decision. 0 if there is no appeal.' })
  appealDays!: number
  @Field(() => Duration, {
    nullable: true,
    description: 'Term of a decision on an appeal. Null if the term of the service begins anew.',
  })
  appealTerm!: Duration | null
  @Field(() => Duration, {
    nullable: true,
    description:
      'Term after a transfer to another agency, counted from the transfer. Null if the term of the service begins anew.',
  })
  transferTerm!: Duration | null
  @Field(() => String, {
    nullable: true,
    description:
      'Path of the answer that names the agency that handles the application, such as "/addressee". Null if the ' +
      'agency of the service handles all applications.',
  })
  addressee!: string | null
  @Field(() => RegistryDown, { description: 'How answers are filled in when a registry is unavailable.' })
  registryDown!: RegistryDown
  @Field(() => Boolean, {
    description: 'True if the agency may open a case for a person who has not applied, and decide it from registries.',
  })
  proactive!: boolean
  @Field(() => Int, {
    description:
      'Number of calendar days in which the person may object to a proactive decision. Until then the result is not ' +
      'handed over.',
  })
  objectionDays!: number
  @Field(() => Boolean, { description: 'True if decisions are numbered in a series without gaps.' })
  numbered!: boolean
  @Field(() => Boolean, {
    description: 'True if a party can have only one open application, as the applicant or a co-applicant.',
  })
  oneOpen!: boolean
  @Field(() => Confidence, { description: 'Confidence in the process as a whole.' })
  confidence!: Confidence
  @Field(() => String, { nullable: true, description: source })
  source!: string | null
}

@Resolver(() => ServiceVersion)
export class ProcessResolver {
  @FieldResolver(() => Process, { nullable: true, description: 'How applications under this version are processed.' })
  async process(@Root() { id }: { id: string }, @Ctx() context: Context): Promise<Process> {
    const found = await loadFor(context, processesOf, id)
    const { termEndNorm, waitingValue, waitingUnit, appealValue, appealUnit, transferValue, transferUnit, ...rest } =
      found
    return {
      ...rest,
      termEndNorm: wordsIn(termEndNorm, context.language),
      waiting: durationOf(waitingValue, waitingUnit),
      appealTerm: durationOf(appealValue, appealUnit),
      transferTerm: durationOf(transferValue, transferUnit),
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
