import type { UserError } from '../../engine/userError.js'
import { invalid, missing } from '../../shared/userErrors.js'

export const noRegistries = missing('consent.no_registries', ['registryCodes'])

export const tooManyRegistries = (most: number, found: number) =>
  invalid('consent.too_many_registries', ['registryCodes'], { most, found })

export const beginsInThePast = invalid('consent.begins_in_the_past', ['validFrom'])

export const endsBeforeItBegins = invalid('consent.ends_before_it_begins', ['validTo'])

export const endsInThePast = invalid('consent.ends_in_the_past', ['validTo'])

export const tooFar = (years: number) => invalid('consent.too_far_ahead', ['validTo'], { years })

export const beyondFullAge = (years: number) => invalid('consent.beyond_full_age', ['validTo'], { years })

const listed = (registries: readonly string[]) => registries.map((code) => code.slice(0, 60))

export const noGround = (agency: string, purpose: string, registries: readonly string[]) =>
  invalid('consent.no_ground', ['registryCodes'], { agency, purpose, registries: listed(registries) })

export const notNeeded = (agency: string, purpose: string, registries: readonly string[]) =>
  invalid('consent.not_needed', ['registryCodes'], { agency, purpose, registries: listed(registries) })

export const alreadyExists = (registries: readonly string[], until: Date): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.already_exists',
  params: { registries: listed(registries), until: until.toISOString() },
})

export const tooMany = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.too_many',
  params: { most },
})

export const unknownConsent: UserError = {
  code: 'NOT_FOUND',
  reason: 'consent.unknown',
  field: ['consentId'],
}

export const isOver: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.over',
  field: ['consentId'],
}
