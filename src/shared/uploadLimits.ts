/** What an installation may set of files that are sent in. */
export interface UploadLimits {
  /** Bytes of one file. */
  bytes: number
  /** Bytes that may be announced for one party in 24 hours. */
  bytesADay: number
  /** For so long a file may be sent that was announced. */
  hours: number
}
export const uploadLimits: UploadLimits = { bytes: 20_971_520, bytesADay: 536_870_912, hours: 24 }
