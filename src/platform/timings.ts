/** How long things live, and how often recurring work runs, in milliseconds. One value, so that a soak test can shorten all of it. */
export interface Timings {
  /** A connection of a pool is replaced by a new one after this. */
  connectionLifetime: number
  sequencerInterval: number
  deadlineInterval: number
  accessLogInterval: number
  orphanedJobInterval: number
  retentionInterval: number
  reconciliationInterval: number
  certificateCheckInterval: number
  filingBatchInterval: number
  /** A worker files lines of one batch for this long, then those of the next. */
  filingBatchRound: number
  rateLimitCleanupInterval: number
  /** A round of recurring work that takes longer hangs: the next one begins. */
  roundTimeout: number
  /** A round of retention deletes much at once, and may take longer. */
  retentionTimeout: number
  /** A job that takes longer hangs: it fails, and is tried again. */
  jobTimeout: number
  /** A process that ends soon after each start is restarted after a pause, which doubles up to this. */
  longestRestartPause: number
  /** The keys of an issuer are fetched again after this. */
  issuerKeysFreshFor: number
  /** For a key id that is not among them they are fetched again at once, but at most once in this time. */
  issuerKeysCoolDown: number
  /** The last keys of an issuer that does not answer are used for this long. A key withdrawn meanwhile is noticed only then. */
  issuerKeysUsableFor: number
  /** Lifetime of an access token of the sandbox login, and of a sign-in there. */
  tokenLifetime: number
  /** Lifetime of a program's access token. */
  programTokenLifetime: number
  /** A program's last use is written at most once in this time. */
  programUseInterval: number
  uploadUrlLifetime: number
  downloadUrlLifetime: number
  /** A download waits this long for a PDF in the making. */
  pdfWait: number
  /** A file that no row names is deleted after this. Longer than any upload takes. */
  leftoverFileLifetime: number
  /** Stored registry answers are used for at most this long. Most registries have a shorter time of their own. */
  registryAnswersFreshFor: number
  /** A fine that the registry did not have is not asked for again for this long. */
  unknownFinesFreshFor: number
  /** Revocation lists are fetched again after this, or earlier if the trust list says so. */
  revocationListsFreshFor: number
  /** Clients may cache the public signing keys for this long. */
  signingKeysFreshFor: number
}

export const usualTimings: Timings = {
  connectionLifetime: 1_800_000,
  sequencerInterval: 50,
  deadlineInterval: 1_000,
  accessLogInterval: 1_000,
  orphanedJobInterval: 10_000,
  retentionInterval: 3_600_000,
  reconciliationInterval: 60_000,
  certificateCheckInterval: 86_400_000,
  filingBatchInterval: 500,
  filingBatchRound: 5_000,
  rateLimitCleanupInterval: 300_000,
  roundTimeout: 60_000,
  retentionTimeout: 3_600_000,
  jobTimeout: 300_000,
  longestRestartPause: 5_000,
  issuerKeysFreshFor: 600_000,
  issuerKeysCoolDown: 30_000,
  issuerKeysUsableFor: 3_600_000,
  tokenLifetime: 3_600_000,
  programTokenLifetime: 600_000,
  programUseInterval: 60_000,
  uploadUrlLifetime: 3_600_000,
  downloadUrlLifetime: 300_000,
  pdfWait: 4_000,
  leftoverFileLifetime: 3_600_000,
  registryAnswersFreshFor: 86_400_000,
  unknownFinesFreshFor: 300_000,
  revocationListsFreshFor: 86_400_000,
  signingKeysFreshFor: 300_000,
}
