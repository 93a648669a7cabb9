import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Kept {
  payload: AdapterPayload
  until: number
}

/** Enough for an hour of sign-ins. Beyond it, the oldest is dropped. */
const most = 10_000

/**
 * The login's state for minutes: sign-ins in progress, codes, grants. It stays in this process, because a sandbox has
 * one login. After a restart people sign in again, and issued tokens stay valid.
 */
export function memory() {
  const all = new Map<string, Kept>()
  // In order of insertion.
  const forgetSome = () => {
    for (const [key, { until }] of all) {
      if (until > Date.now() && all.size < most) return
      all.delete(key)
    }
  }
  return (model: string): Adapter => {
    const find = async (id: string) => {
      const kept = all.get(`${model}:${id}`)
      return kept && kept.until > Date.now() ? kept.payload : undefined
    }
    return {
      find,
      async findByUid(uid) {
        for (const [key, { payload, until }] of all)
          if (key.startsWith(`${model}:`) && payload.uid === uid && until > Date.now()) return payload
        return undefined
      },
      findByUserCode: async () => undefined, // devices do not sign in
      async upsert(id, payload, seconds = 3600) {
        all.delete(`${model}:${id}`)
        forgetSome()
        all.set(`${model}:${id}`, { payload, until: Date.now() + seconds * 1000 })
      },
      async consume(id) {
        const payload = await find(id)
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        all.delete(`${model}:${id}`)
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of all) if (payload.grantId === grantId) all.delete(key)
      },
    }
  }
}
