import { execFileSync } from 'node:child_process'

/** Builds first: these suites start the built server in processes of its own. */
export default () => execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
