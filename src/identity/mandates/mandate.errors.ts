import type { UserError } from '../../engine/userError.js'
import type { Unreadable } from '../../shared/identifiers/reading.js'

// User errors of mandates.

export const oneHolder = (isMissing: boolean): UserError => ({
  code: isMissing ? 'MISSING' : 'INVALID',
  reason: 'mandate.one_holder',
  field: ['holder'],
})

export const unread = ({ reason, params }: Unreadable, field: 'fin' | 'voen'): UserError => ({
  code: 'INVALID',
  reason,
  field: ['holder', field],
  params,
})

export const personByFin: UserError = {
  code: 'INVALID',
  reason: 'mandate.person_by_fin',
  field: ['holder', 'voen'],
}

export const takesPerson: UserError = {
  code: 'INVALID',
  reason: 'mandate.takes_a_person',
  field: ['holder', 'voen'],
}

export const holderIsTheMinor: UserError = {
  code: 'INVALID',
  reason: 'mandate.holder_is_the_minor',
  field: ['holder'],
}

export const ofRegister: UserError = {
  code: 'INVALID',
  reason: 'mandate.of_register',
  field: ['kind'],
}

export const noPowers: UserError = {
  code: 'MISSING',
  reason: 'mandate.no_powers',
  field: ['powers'],
}

export const beyondKind = (kind: string, powers: readonly string[], allowed: readonly string[]): UserError => ({
  code: 'INVALID',
  reason: 'mandate.powers_beyond_kind',
  field: ['powers'],

  params: { kind, powers, allowed },
})

export const sealIsWhole = (field: 'powers' | 'serviceCodes'): UserError => ({
  code: 'INVALID',
  reason: 'mandate.seal_is_whole',
  field: [field],
})

export const noServices: UserError = {
  code: 'INVALID',
  reason: 'mandate.no_services',
  field: ['serviceCodes'],
}

export const tooManyServices = (most: number, found: number): UserError => ({
  code: 'INVALID',
  reason: 'mandate.too_many_services',
  field: ['serviceCodes'],

  params: { most, found },
})

export const strangeService = (code: string): UserError => ({
  code: 'INVALID',
  reason: 'mandate.strange_service',
  field: ['serviceCodes'],

  params: { code: code.slice(0, 60) },
})

export const beginsInThePast: UserError = {
  code: 'INVALID',
  reason: 'mandate.begins_in_the_past',
  field: ['validFrom'],
}

export const endsBeforeItBegins: UserError = {
  code: 'INVALID',
  reason: 'mandate.ends_before_it_begins',
  field: ['validTo'],
}

export const endsInThePast: UserError = {
  code: 'INVALID',
  reason: 'mandate.ends_in_the_past',
  field: ['validTo'],
}

export const tooFar = (field: 'validFrom' | 'validTo', years: number): UserError => ({
  code: 'INVALID',
  reason: 'mandate.too_far_ahead',
  field: [field],

  params: { years },
})

export const noEnd: UserError = {
  code: 'MISSING',
  reason: 'mandate.no_end',
  field: ['validTo'],
}

export const toOneself: UserError = {
  code: 'INVALID',
  reason: 'mandate.to_oneself',
  field: ['holder'],
}

export const alreadyExists: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.already_exists',
}

export const tooMany = (most: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.too_many',

  params: { most },
})

export const ageUnknown: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.age_unknown',
  field: ['partyId'],
}

export const notOfThatAge = (from: number, to: number): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: 'consent.not_of_that_age',
  field: ['partyId'],

  params: { from, to },
})

export const unknownMandate: UserError = {
  code: 'NOT_FOUND',
  reason: 'mandate.unknown',
  field: ['mandateId'],
}

export const keptByRegister: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.kept_by_register',
  field: ['mandateId'],
}

export const isOver: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'mandate.over',
  field: ['mandateId'],
}
