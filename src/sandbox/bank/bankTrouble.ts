import { setTroubleIn, troubleIn } from '../trouble.js'

/** Faults that the bank shows on command, one at a time. */
export const bankTroubles = {
  up: 'answers',
  down: 'resets each connection',
  slow: 'answers after 30 seconds',
  failing: 'answers with HTTP 500',
  late: 'calls back after 10 seconds',
  doubled: 'calls back twice at the same time',
  shuffled: 'holds callbacks until there are three, or for 3 seconds, and sends the last one first',
  silent: 'never calls back',
  lying: 'calls back that an order is captured as soon as it is placed',
  'wrong-amount': 'reports one minor unit more than the amount of an order',
  flip: 'reports a captured order as captured, and reverses it at once',
  'refunds-pending': 'leaves refunds pending',
  'refunds-failing': 'lets refunds fail',
}
export type BankTrouble = keyof typeof bankTroubles

export const isBankTrouble = (text: string): text is BankTrouble => Object.hasOwn(bankTroubles, text)

const bank = { name: 'bank', troubles: bankTroubles }
export const bankTroubleOf = (dataDir: string): BankTrouble => troubleIn(dataDir, bank)
export const setBankTrouble = (dataDir: string, trouble: BankTrouble): void => setTroubleIn(dataDir, bank.name, trouble)
