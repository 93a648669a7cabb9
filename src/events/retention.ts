import { loggable } from '../engine/errors.js'
import type { Work } from './job.js'

/** Maximum number of rows in one transaction. */
const most = 10_000

/** Deletes expired rows, table by table. A failing table is logged and does not stop the others. */
export async function removePastTerms({ database: { client }, now, log }: Omit<Work, 'keyring'>): Promise<number> {
  const tables = await client<{ name: string }[]>`
    select table_name as name from retention where class = 'TERM' order by table_name`
  const at = now().toISOString()
  const removeSome = async (name: string) => {
    const [row] = await client`select remove_past_term(${name}::regclass, ${at}, ${most}::int) as removed`
    return Number(row?.removed)
  }
  let removed = 0
  for (const { name } of tables)
    try {
      let some: number
      do {
        some = await removeSome(name)
        removed += some
      } while (some > 0)
    } catch (error) {
      log.error({ table: name, error: loggable(error) }, 'expired rows could not be deleted')
    }
  if (removed > 0) log.info({ removed }, 'expired rows were deleted')
  return removed
}
