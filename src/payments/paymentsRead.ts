import { signedInWith } from '../shared/context.js'

/** Allows callers who may have paid, or be paid. The scope of each noun decides whose rows they see. */
export const paymentsRead = signedInWith('payments:read')
