import type { EventType } from '../events/eventType.js'

const header = '| type | subject | what happened | scope | references | since |\n|---|---|---|---|---|---|\n'

/** The table of docs/changes.md: the types that parties see. */
export const tableOfChanges = (types: readonly EventType[]): string =>
  header +
  types
    .flatMap(({ type, version, since, description, subject, shown }) => {
      if (!shown || !subject) return []
      const references = Object.entries(shown.ids).map(([name, noun]) => `\`${name}\` (${noun.name})`)
      const name = version === 1 ? `\`${type}\`` : `\`${type}\` (version ${version})`
      return [
        `| ${[name, subject.name, description, shown.scopes.map((scope) => `\`${scope}\``).join(' or '), references.join(', '), since].join(' | ')} |\n`,
      ]
    })
    .join('')
