import { pgEnum } from 'drizzle-orm/pg-core'

export enum Assurance {
  NONE = 'NONE',
  LOW = 'LOW',
  SUBSTANTIAL = 'SUBSTANTIAL',
  HIGH = 'HIGH',
}

export const assurance = pgEnum('assurance', Assurance)
