import type { UserError } from '../engine/userError.js'
import type { Database } from '../platform/database.js'
import type { Transaction } from '../platform/seeding.js'
import type { Context } from '../shared/context.js'
import type { Application } from './application.repository.js'
import type { Deciding } from './decisions/decision.repository.js'

/** An application as far as it is filled in. */
export interface Filled {
  party: string
  answers: Record<string, unknown>
}
type Reading = Transaction | Database['db']
type Known = Pick<Context, 'keyring' | 'today'>

/** Rules of a service that the data of its version cannot express. A later domain has them, and `domains.ts` hands them over. */
export interface Procedure {
  /** Codes of its services. */
  services: readonly string[]
  /**
   * Who may apply, and what the form cannot check. Asked at the start with the answers that are known by then, and at submission
   * with all. Reads at most one statement.
   */
  check?(application: Filled, context: Known, reading: Reading): UserError[] | Promise<UserError[]>
  /** Issues what an approval grants, in the transaction of the decision. */
  approved?(application: Application, deciding: Deciding): Promise<void>
}

const procedures = new Map<string, Procedure>()

export function handOver(all: readonly Procedure[]): void {
  for (const procedure of all)
    for (const service of procedure.services) {
      if (procedures.has(service)) throw new Error(`a service must have one procedure; ${service} has two`)
      procedures.set(service, procedure)
    }
}

export const procedureOf = (serviceCode: string): Procedure | undefined => procedures.get(serviceCode)

export const userErrorsByProcedure = async (
  serviceCode: string,
  application: Filled,
  context: Known,
  reading: Reading,
): Promise<UserError[]> => (await procedureOf(serviceCode)?.check?.(application, context, reading)) ?? []
