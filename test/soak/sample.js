// Loaded into each process of the server. Writes once a second what the process takes, in milliseconds and bytes.
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const { pid, argv, env } = process
const resolution = 5
const delay = monitorEventLoopDelay({ resolution })
delay.enable()
setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage()
  // Its role, where it is a child.
  const sample = { pid, role: argv[2], rss, heapUsed, blocked: delay.max / 1e6 - resolution }
  appendFileSync(env.SOAK_SAMPLES, `${JSON.stringify(sample)}\n`)
  delay.reset()
}, 1_000).unref()
