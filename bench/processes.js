import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const here = (path) => fileURLToPath(new URL(path, import.meta.url))
export const isLinux = process.platform === 'linux'
/** A server has a core to itself; load and PostgreSQL share another. */
export const pins = isLinux && availableParallelism() > 1

/** Applies to this process and its children by default. Call it before PostgreSQL starts. */
export const stayBesideTheServers = () => pins && execFileSync('taskset', ['-acp', '1', String(process.pid)])

/** Starts a server and waits until it answers. */
export async function startServer(script, { port, node = process.execPath, flags = [], environment, ipc = false }) {
  const command = [node, ...flags, here(script)]
  const [program, ...rest] = pins ? ['taskset', '-c', '0', ...command] : command
  const child = spawn(program, rest, {
    // All load comes from one address.
    env: {
      ...process.env,
      NODE_ENV: 'production',
      LOG_LEVEL: 'silent',
      RATE_REQUESTS: '999999999',
      RATE_COMMANDS: '999999999',
      PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit', ...(ipc ? ['ipc'] : [])],
  })
  const ended = once(child, 'exit')
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.text().then(() => true),
      () => false,
    )
  for (let tries = 0; !(await answers()); tries++) {
    if (isOver() || tries === 300) throw new Error(`${script} does not answer on port ${port}`)
    await sleep(100)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    if (await Promise.race([ended, sleep(5_000, undefined, { ref: false })])) return
    child.kill('SIGKILL')
  }
  return { child, cpu: () => statOf(child.pid)?.own ?? Number.NaN, stop }
}

/** CPU time of a process and its ended children in milliseconds. Undefined if there is no such process. */
export function statOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map((ticks) => Number(ticks) * 10)
    return { pid: Number(pid), parent: Number(fields[1]), own: user + system, ended: endedUser + endedSystem }
  } catch {
    return undefined
  }
}
