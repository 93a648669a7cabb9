import type { Dispatcher, Pool } from 'undici'

/**
 * Connections to one server. undici is loaded at the first request, because a start sends none. Options are checked
 * where they are read as settings.
 */
export function poolTo(url: string, options: Pool.Options) {
  let pool: Pool | undefined
  let isDestroyed = false
  async function opened(): Promise<Pool> {
    const { Pool, errors } = await import('undici')
    if (isDestroyed) throw new errors.ClientDestroyedError()
    pool ??= new Pool(url, options)
    return pool
  }
  return {
    request: async (asked: Dispatcher.RequestOptions) => await (pool ?? (await opened())).request(asked),
    async destroy() {
      isDestroyed = true
      await pool?.destroy()
    },
  }
}
export type RequestPool = ReturnType<typeof poolTo>
