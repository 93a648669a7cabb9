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
    UP: { description: 'It answered when it was last asked.' },
    DOWN: { description: 'It did not, or it is left alone because it failed too often.' },
    UNKNOWN: { description: 'It was not asked yet, or refused every question.' },
  },
})
const breakerStates = { CLOSED: 'CLOSED', OPEN: 'OPEN', HALF_OPEN: 'HALF_OPEN' } as const
registerEnumType(breakerStates, {
  name: 'BreakerState',
  description: 'Whether questions reach a registry.',
  valuesConfig: {
    CLOSED: { description: 'They do.' },
    OPEN: { description: 'It failed too often in a row, and is left alone for some seconds. Nothing is sent.' },
    HALF_OPEN: { description: 'One question finds out whether it is back; the others are not sent.' },
  },
})

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Why and when a registry last failed to answer a message.' })
export class RegistryFailure {
  @Field(() => UnavailableReason, { description: 'Why.' })
  reason!: FailureReason
  @Field(() => DateTime, { description: 'When.' })
  at!: Date
}

/** The key of a registry and of its agency, and how it has been. */
@AllowedTo(anyone)
@Stored(registries, whoSeesItsParent)
@ObjectType({
  simpleResolvers: true,
  description:
    'A registry that this installation knows a way to, and how it has been to ask: as the process that answers this has ' +
    'seen it since it began. Another process may have seen it otherwise.',
})
export class ConnectedRegistry {
  @Field(() => String, { description: 'Its code in the catalogue of agencies, such as POPULATION.' })
  code!: string
}
fields(ConnectedRegistry, {
  registry: one(Registry, registries.id, { description: 'The registry.' }),
  agency: one(Agency, registries.agencyId, { description: 'The agency that keeps it.' }),
  status: carried(() => statuses, 'status', { description: 'Whether it answers.' }),
  breaker: carried(() => breakerStates, 'breaker', { description: 'Whether questions reach it.' }),
  latency: carried(() => Int, 'latency', {
    nullable: true,
    description: 'Milliseconds, the median of its last 50 answers; null where it gave none.',
  }),
  lastAnsweredAt: carried(() => DateTime, 'lastAnsweredAt', {
    nullable: true,
    description: 'When it last answered, also that it holds nothing; null where it never did.',
  }),
  lastFailure: carried(() => RegistryFailure, 'lastFailure', {
    nullable: true,
    description: 'When a message to it last failed, also where it was answered at another attempt; null: never.',
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
      'The registries that this installation knows a way to, by their codes, and how each has been to ask. For the operator.',
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
