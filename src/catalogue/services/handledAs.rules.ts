import { HandledAs } from './serviceVersion.table.js'

/** What `startApplication` starts. A filing is an application until filings have a command of their own. */
export const startable: readonly HandledAs[] = [HandledAs.APPLICATION, HandledAs.FILING]
