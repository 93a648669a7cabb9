/** An installation's limits for uploads. */
export interface UploadLimits {
  /** Bytes of one file. */
  bytes: number
  /** Bytes that may be announced for one party in 24 hours. */
  bytesADay: number
  /** How long an announced file may be sent. */
  hours: number
}
export const uploadLimits: UploadLimits = { bytes: 20_971_520, bytesADay: 536_870_912, hours: 24 }
