import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A temporary folder of this test file. Call it at the top of the file. */
export function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
