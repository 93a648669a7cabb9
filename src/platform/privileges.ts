import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, chownSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** PostgreSQL refuses to run as root. This says who runs it, and the command prefix that switches to that user. */
export interface Runner {
  /** Undefined if this process is not root and runs it itself. */
  user?: { uid: number; gid: number }
  prefix: string[]
}

const nobody = { uid: 65_534, gid: 65_534 }

const isRoot = () => process.getuid?.() === 0

/**
 * Files that root makes in a user's folder belong to that user, who may start the server tomorrow. Undefined if nothing
 * has to change.
 */
export const ownerWithin = (made: string): { uid: number; gid: number } | undefined =>
  isRoot() ? statSync(dirname(made)) : undefined

/** Creates missing parents too. As root, they belong to the owner of the folder they are created in. */
export function makeFolder(folder: string, mode: number): void {
  const topmost = mkdirSync(folder, { recursive: true, mode })
  const owner = topmost && ownerWithin(topmost)
  if (!owner) return
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) chownSync(made, owner.uid, owner.gid)
}

export function prepareFolder(dataDir: string): void {
  try {
    // Others may traverse but not list it, so PostgreSQL's user needs no capability.
    makeFolder(dataDir, 0o711)
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Error(`DATA_DIR must be a folder that can be written; ${(error as Error).message}`)
  }
}

/** As root: the owner of the folder, so that they can start the server as well; otherwise nobody. */
export function runnerFor(folder: string, programs: string[]): Runner {
  if (!isRoot()) return { prefix: [] }
  const { uid, gid } = statSync(folder)
  // initdb looks up its user's name; the owner of a mounted volume may have none here.
  const hasName = spawnSync('id', ['-nu', String(uid)]).status === 0
  const user = uid === 0 || !hasName ? nobody : { uid, gid }
  // npm unpacks with root's umask, and the capability below allows reading but not executing.
  for (const program of programs) if ((statSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755)
  const become = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  const prefix = [[], capability('dac_read_search'), capability('dac_override')]
    .map((extra) => [...become, ...extra])
    .find((candidate) => reaches(candidate, [folder, ...programs]))
  if (prefix) return { user, prefix }
  throw new Error(
    `PostgreSQL does not run as root, and as user ${user.uid} it cannot enter ${folder} or ${dirname(programs[0] ?? '')}: ` +
      'start as an ordinary user, open these folders (chmod a+x), install setpriv (util-linux), or set DATABASE_URL',
  )
}

/**
 * Lets another user traverse folders of mode 0700, such as root's home. Containers often withhold the read-only
 * capability. access(2), which PostgreSQL uses to find its programs, respects capabilities of other users only with
 * no_setuid_fixup.
 */
const capability = (name: string) => ['--securebits=+no_setuid_fixup', `--inh-caps=+${name}`, `--ambient-caps=+${name}`]

const reaches = ([program = '', ...prefix]: string[], paths: string[]) =>
  spawnSync(program, [...prefix, 'sh', '-c', 'for path; do test -x "$path" || exit 1; done', 'sh', ...paths], {
    cwd: '/',
    stdio: 'ignore',
  }).status === 0
