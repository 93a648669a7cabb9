import { settings, wholeNumber } from '../platform/settings.js'
import { type Patience, usualPatience } from '../shared/patience.js'

interface ApplicationConfig {
  patience: Patience
}

export const applicationSettings = settings(
  {
    DRAFT_DAYS: {
      meaning: 'Days after which an unsubmitted draft expires, 1 to 3650',
      default: `\`${usualPatience.draftDays}\``,
      example: '30',
      value: wholeNumber(1, 3_650).default(usualPatience.draftDays),
    },
    CONFIRM_DAYS: {
      meaning: 'Days within which all joint applicants must confirm, 1 to 3650',
      default: `\`${usualPatience.confirmDays}\``,
      example: '14',
      value: wholeNumber(1, 3_650).default(usualPatience.confirmDays),
    },
  },
  (read): ApplicationConfig => ({ patience: { draftDays: read.DRAFT_DAYS, confirmDays: read.CONFIRM_DAYS } }),
)
