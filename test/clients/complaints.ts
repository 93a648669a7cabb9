import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

/** What a program of a package prints when it fails; empty when it does not. */
export function complaintsOf(program: string, parameters: string[], folder: string): string {
  try {
    execFileSync(resolve('node_modules/.bin', program), parameters, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr
  }
}
