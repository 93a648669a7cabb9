/** What all functions of a union take: the intersection of their parameters. */
export type AllOf<Functions> = [Functions] extends [(taken: infer Taken) => void] ? Taken : never
