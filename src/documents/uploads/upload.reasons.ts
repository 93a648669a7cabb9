/** Limits of a file. */
export const maxIn = { pixels: 100_000_000, pages: 500 } as const

/** The reasons for refusal in `refused_for`. A stored reason is never renamed. */
export const reasons = [
  'upload.expired',
  'upload.infected',
  'upload.changed',
  'upload.kind_not_taken',
  'upload.unreadable',
  'upload.too_many_pixels',
  'upload.too_many_pages',
  'upload.encrypted',
  'upload.active',
  'upload.forgotten',
] as const
export type RefusalReason = (typeof reasons)[number]

/** Undefined for a reason from a later release. */
export const knownReason = (reason: string): RefusalReason | undefined => reasons.find((known) => known === reason)

/** Parameters of some messages. */
export const limits = { megapixels: maxIn.pixels / 1_000_000, pages: maxIn.pages }
