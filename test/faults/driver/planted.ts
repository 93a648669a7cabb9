import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from '../../support/started.js'

/** A checkout whose built code has a bug: one text of one file is replaced. */
export function checkoutWith(file: string, sound: string, planted: string): string {
  const checkout = join(temporaryFolder(), 'checkout')
  mkdirSync(checkout)
  cpSync('dist', join(checkout, 'dist'), { recursive: true })
  for (const path of ['node_modules', 'drizzle', 'src', 'package.json'])
    symlinkSync(resolve(path), join(checkout, path))
  const path = join(checkout, 'dist', file)
  const code = readFileSync(path, 'utf8')
  if (code.split(sound).length !== 2) throw new Error(`${file} must say once ${sound}; it does not`)
  writeFileSync(path, code.replace(sound, planted))
  return checkout
}
