import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A DATA_DIR that was used once: its database is migrated and seeded. */
    usedDataDir: string
  }
}

// Projects that run together share the folder: each loads this file again.
const memory = globalThis as { usedFolder?: Promise<string> }

/** Starts the server once, so that a test may begin where a first start has ended. */
export default async function setup(project: TestProject): Promise<() => void> {
  memory.usedFolder ??= startOnce()
  const folder = await memory.usedFolder
  project.provide('usedDataDir', dataDirIn(folder))
  return () => rmSync(folder, { recursive: true, force: true })
}

const dataDirIn = (folder: string) => join(folder, 'data')

async function startOnce(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-used-'))
  chmodSync(folder, 0o755) // PostgreSQL runs as another user where root starts it
  const server = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'warn', DATA_DIR: dataDirIn(folder) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  server.stdout.on('data', (said) => String(said).includes('Sign in:') && server.kill('SIGTERM'))
  const [code] = await ended
  if (code !== 0) throw new Error(`the first start must end with 0; it ended with ${code}`)
  return folder
}
