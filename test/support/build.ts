import { execFileSync } from 'node:child_process'

/** The suites that start the server as somebody does start it built. */
export default () => execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
