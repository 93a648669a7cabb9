import type { Dispatcher, Pool } from 'undici'

/** Connections to one server. undici is loaded at the first request, because a start sends none. */
export function poolTo(url: string, options: Pool.Options) {
  let opened: Promise<Pool> | undefined
  const open = async () => {
    const { Pool } = await import('undici')
    return new Pool(url, options)
  }
  return {
    async request(asked: Dispatcher.RequestOptions) {
      opened ??= open()
      return await (await opened).request(asked)
    },
    async destroy() {
      await (await opened)?.destroy()
    },
  }
}
export type RequestPool = ReturnType<typeof poolTo>
