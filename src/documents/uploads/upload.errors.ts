import type { UserError } from '../../engine/userError.js'
import { invalid, missing } from '../../shared/userErrors.js'

export const noName = missing('upload.no_name', ['name'])
export const longName = (most: number, found: number) => invalid('upload.long_name', ['name'], { most, found })
export const strangeName = invalid('upload.strange_name', ['name'])
export const noBytes = invalid('upload.no_bytes', ['size'])
export const tooLarge = (most: number, found: number) => invalid('upload.too_large', ['size'], { most, found })
export const strangeHash = invalid('upload.strange_hash', ['sha256'])
export const tooManyWaiting = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'upload.too_many_waiting',
  params: { most },
})
export const tooMuchToday = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'upload.too_much_in_a_day',
  params: { most },
})
