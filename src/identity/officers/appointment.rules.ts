import type { UserError } from '../../engine/userError.js'
import type { AppointmentState } from './appointment.table.js'

/** The same for an unknown appointment and for another's. */
export const unknownAppointment: UserError = {
  code: 'NOT_FOUND',
  reason: 'appointment.unknown',
  field: ['appointmentId'],
}

export const unknownAgency = (code: string): UserError => ({
  code: 'NOT_FOUND',
  reason: 'agency.unknown',
  field: ['agencyCode'],

  params: { code: code.slice(0, 60) },
})

export const noRoles: UserError = {
  code: 'MISSING',
  reason: 'appointment.roles',
  field: ['roles'],
}

export const operatorIsNoOfficer: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'appointment.operator',
  field: ['fin'],
}

export const alreadyAppointed: UserError = {
  code: 'CONFLICT',
  reason: 'appointment.already_exists',
  field: ['fin'],
}

export const hasAdmin: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'agency.has_admin',
}

export const lastAdmin: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'appointment.last_admin',
  field: ['appointmentId'],
}

export const wrongCode: UserError = {
  code: 'INVALID',
  reason: 'appointment.code',
  field: ['code'],
}

export const notAllowedNow = (state: AppointmentState): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: `appointment.${state.toLowerCase()}`,
  field: ['appointmentId'],
  params: { state },
})
