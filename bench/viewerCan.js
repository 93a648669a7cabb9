// `viewerCan` for the hand-written server: facts from SQL, judged by the server's own rules.
import { notNow } from '../dist/applications/refusal.rules.js'
import { Action, Doer, transitionOf, transitions } from '../dist/applications/transition.rules.js'
import { usualProcess } from '../dist/catalogue/services/usualProcess.js'

/** Columns about an application. */
export const viewerCanFacts = (id) => `
  (select row_to_json(f) from (
    select a.state, a.not_before as "notBefore", a.due_at as "dueAt", a.decided_at is not null as decided,
      a.officer_id is not null as assigned, a.extended_at is not null as extended,
      (select count(*)::int from application_parties where application_id = a.id and party_id is null) as unconfirmed,
      (select coalesce(array_agg(party_id), '{}') from application_parties where application_id = a.id and signed_at is not null) as "signedBy",
      (select coalesce(array_agg(role order by role), '{}') from application_parties
        where application_id = a.id and signed_at is null and role = any(version.signers)) as unsigned,
      coalesce((
        select json_object_agg(due, amount) from (
          select fee.due, case when bool_or(fee.amount is null) then 'UNKNOWN' else 'AMOUNT' end as amount
          from application_fees fee left join charges charge on charge.id = fee.charge_id
          where fee.application_id = a.id and charge.paid_at is null and fee.amount is distinct from 0
          group by fee.due) owed), '{}') as owed,
      version.automation = 'PARTIAL' and version.result = 'DOCUMENT' as "handedOver",
      p.id is not null as "hasProcess", p.term_end as "termEnd", p.extension,
      last.appeal_until as "appealUntil", last.objection_until as "objectionUntil", exists (select from appeals where decision_id = last.id) as appealed
    from applications a
    join service_versions version on version.id = a.version_id
    left join processes p on p.version_id = a.version_id
    left join lateral (
      select id, appeal_until, objection_until from decisions where application_id = a.id order by at desc, id desc limit 1) last on true
    where a.id = ${id}) f)::text as facts`

const shownActions = Object.values(Action).filter((action) =>
  transitions.some((transition) => transition.action === action && transition.by.some((doer) => doer !== Doer.SYSTEM)),
)
/** Somebody in their own case. */
const relation = {
  powers: new Set(['FILE', 'PAY']),
  powersOverOthers: new Set(),
  isInvited: false,
  signsFor: new Map([['the applicant', []]]),
  isReviewer: false,
  isApprover: false,
  isFinance: false,
  isAssigned: false,
  hasDecided: false,
  tie: null,
}
const momentIn = (text) => text && new Date(text)

export function viewerCanOf({ facts: json }) {
  const { hasProcess, termEnd, extension, ...row } = JSON.parse(json)
  const facts = {
    ...row,
    deemed: (termEnd ?? usualProcess.termEnd) !== 'ESCALATED',
    extendable: (hasProcess ? extension : usualProcess.extension) !== 0,
    notBefore: momentIn(row.notBefore),
    dueAt: momentIn(row.dueAt),
    appealUntil: momentIn(row.appealUntil),
    objectionUntil: momentIn(row.objectionUntil),
  }
  const now = new Date()
  return shownActions.map((action) => {
    const found = transitionOf(action, facts, relation, now)
    return 'refused' in found
      ? { action, allowed: false, reason: notNow(found.refused).reason }
      : { action, allowed: true, reason: null }
  })
}
