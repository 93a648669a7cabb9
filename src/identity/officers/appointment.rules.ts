import type { UserError } from '../../engine/userError.js'
import type { AppointmentState } from './appointment.table.js'

/** The same for one that is not there and one that is not the caller's. */
export const unknownAppointment: UserError = {
  code: 'NOT_FOUND',
  reason: 'appointment.unknown',
  field: ['appointment'],
  message: {
    az: 'Sizin üçün belə təyinat yoxdur.',
    en: 'There is no such appointment for you.',
    ru: 'Такого назначения для вас нет.',
  },
}

export const unknownAgency = (code: string): UserError => ({
  code: 'NOT_FOUND',
  reason: 'agency.unknown',
  field: ['agency'],
  message: {
    az: `Belə qurum yoxdur: ${code.slice(0, 60)}.`,
    en: `There is no such agency: ${code.slice(0, 60)}.`,
    ru: `Такого органа нет: ${code.slice(0, 60)}.`,
  },
  params: { code: code.slice(0, 60) },
})

export const noRoles: UserError = {
  code: 'MISSING',
  reason: 'appointment.roles',
  field: ['roles'],
  message: {
    az: 'Ən azı bir vəzifə göstərin.',
    en: 'Give at least one role.',
    ru: 'Укажите хотя бы одну роль.',
  },
}

export const operatorIsNoOfficer: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'appointment.operator',
  field: ['fin'],
  message: {
    az: 'Operator qurumun məmuru ola bilməz.',
    en: 'An operator is never an officer of an agency.',
    ru: 'Оператор не может быть должностным лицом органа.',
  },
}

export const alreadyAppointed: UserError = {
  code: 'CONFLICT',
  reason: 'appointment.stands',
  field: ['fin'],
  message: {
    az: 'Bu şəxsin həmin qurumda təyinatı var; onun vəzifələrini dəyişin və ya əvvəlcə ona xitam verin.',
    en: 'This person has an appointment at the agency: change its roles, or end it first.',
    ru: 'У этого лица уже есть назначение в органе: измените его роли или сначала прекратите его.',
  },
}

export const hasAdmin: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'agency.has_admin',
  message: {
    az: 'Qurumun inzibatçısı var: məmurları o təyin edir. O artıq fəaliyyət göstərə bilmirsə, təklifdə səbəbi göstərin.',
    en: 'The agency has an ADMIN, who appoints its officers. Where they can act no more, the proposal says why (`replacing`).',
    ru: 'У органа есть администратор: должностных лиц назначает он. Если он больше не может действовать, укажите в предложении причину.',
  },
}

export const lastAdmin: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'appointment.last_admin',
  field: ['appointment'],
  message: {
    az: 'Siz qurumun son inzibatçısısınız; əvvəlcə başqasını təyin edin.',
    en: 'You are the last ADMIN of the agency: appoint another first.',
    ru: 'Вы последний администратор органа: сначала назначьте другого.',
  },
}

export const wrongCode: UserError = {
  code: 'INVALID',
  reason: 'appointment.code',
  field: ['code'],
  message: {
    az: 'Kod məktubdakı kod deyil.',
    en: 'The code is not the one in the letter.',
    ru: 'Код не совпадает с кодом из письма.',
  },
}

const standing: Record<AppointmentState, UserError['message']> = {
  PROPOSED: {
    az: 'Təyinat hələ ikinci operator tərəfindən təsdiq edilməyib.',
    en: 'The appointment was not confirmed by a second operator yet.',
    ru: 'Назначение ещё не подтверждено вторым оператором.',
  },
  CONFIRMED: {
    az: 'Təyinat təsdiq edilib və qəbul olunmasını gözləyir.',
    en: 'The appointment is confirmed, and waits to be accepted.',
    ru: 'Назначение подтверждено и ожидает принятия.',
  },
  ACTIVE: {
    az: 'Təyinat artıq qüvvədədir.',
    en: 'The appointment is in force already.',
    ru: 'Назначение уже действует.',
  },
  ENDED: {
    az: 'Təyinata xitam verilib.',
    en: 'The appointment has ended.',
    ru: 'Назначение прекращено.',
  },
}
export const notAllowedNow = (state: AppointmentState): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: `appointment.${state.toLowerCase()}`,
  field: ['appointment'],
  message: standing[state],
  params: { state },
})
