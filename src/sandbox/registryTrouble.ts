/** What a registry of a sandbox does on command, as those of agencies do on their own. */
export const troubles = {
  up: 'answers',
  down: 'resets each connection',
  slow: 'answers after 30 seconds',
  failing: 'answers with an error of X-Road, HTTP 500',
  garbled: 'gives in turn half an answer, the record of another, and the id of another message',
}
export type Trouble = keyof typeof troubles
