import { sql } from 'drizzle-orm'
import { Ctx, Field, Int, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql'
import { Agency } from '../../agencies/agency.js'
import { Registry } from '../../agencies/registry.js'
import { registries } from '../../agencies/registry.table.js'
import { AllowedTo, anyone } from '../../engine/allowedTo.js'
import { carried, fields, one, Stored, whoSeesItsParent } from '../../engine/declare.js'
import { statementOf } from '../../engine/statement.js'
import type { Context } from '../../shared/context.js'
import { operator } from '../../shared/context.js'
import type { FailureReason, Health } from '../../shared/exchange.js'
import { DateTime } from '../../shared/scalars.js'
import { UnavailableReason } from './unavailable.js'

const statuses = { UP: 'UP', DOWN: 'DOWN', UNKNOWN: 'UNKNOWN' } as const
registerEnumType(statuses, {
  name: 'RegistryStatus',
  description: 'Whether a registry answers.',
  valuesConfig: {
    UP: { description: 'It answered its last query.' },
    DOWN: { description: 'It did not answer its last query, or queries are paused after repeated failures.' },
    UNKNOWN: { description: 'It has not been queried yet, or refused every query.' },
  },
})
const breakerStates = { CLOSED: 'CLOSED', OPEN: 'OPEN', HALF_OPEN: 'HALF_OPEN' } as const
registerEnumType(breakerStates, {
  name: 'BreakerState',
  description: 'State of the circuit breaker of a registry.',
  valuesConfig: {
    CLOSED: { description: 'Queries are sent.' },
    OPEN: { description: 'Too many queries failed in a row. No queries are sent for some seconds.' },
    HALF_OPEN: { description: 'One query tests whether the registry is back. Other queries are not sent.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Last failed message to a registry.' })
export class RegistryFailure {
  @Field(() => UnavailableReason, { description: 'Reason for the failure.' })
  reason!: FailureReason
  @Field(() => DateTime, { description: 'Time of the failure.' })
  at!: Date
}

@AllowedTo(anyone)
@Stored(registries, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description:
    'Registry to which this installation is connected, with its health. The health is what the answering process has ' +
    'measured since it started; other processes may differ.',
})
export class ConnectedRegistry {
  @Field(() => String, { description: 'Code of the registry, such as POPULATION.' })
  code!: string
}
fields(ConnectedRegistry, {
  registry: one(Registry, registries.id, { description: 'Registry.' }),
  agency: one(Agency, registries.agencyId, { description: 'Agency that operates the registry.' }),
  status: carried(() => statuses, 'status', { description: 'Whether the registry answers.' }),
  breaker: carried(() => breakerStates, 'breaker', { description: 'State of the circuit breaker.' }),
  latency: carried(() => Int, 'latency', {
    nullable: true,
    description: 'Median latency of the last 50 answers, in milliseconds. Null if there are none.',
  }),
  lastAnsweredAt: carried(() => DateTime, 'lastAnsweredAt', {
    nullable: true,
    description: 'Time of the last answer, including an answer that there is no record. Null if there is none.',
  }),
  lastFailure: carried(() => RegistryFailure, 'lastFailure', {
    nullable: true,
    description: 'Last failed message, even if a later attempt succeeded. Null if none has failed.',
  }),
})

interface Known {
  id: string
  agencyId: string
  code: string
}
const known = statementOf({
  sql: sql`(
    select coalesce(json_agg(json_build_object('id', id, 'agencyId', agency_id, 'code', code) order by code), '[]')
    from ${registries})`,
})

@Resolver()
export class ConnectedRegistriesResolver {
  @AllowedTo(operator)
  @Query(() => [ConnectedRegistry], {
    nullable: true,
    description:
      'Lists the registries to which this installation is connected, by code, with their health. For the operator.',
  })
  async connectedRegistries(@Ctx() context: Context): Promise<(Known & Health)[]> {
    const { exchange, database } = context
    const all: Known[] = await known(database.client, { context, variables: {} })
    return all
      .map((registry) => ({ ...registry, ...exchange.healthOf(registry.code) }))
      .filter(({ status }) => status !== 'NOT_CONNECTED')
      .map((registry) => ({ ...registry, latency: registry.latency === null ? null : Math.round(registry.latency) }))
  }
}
