import type { Variable, Variables } from './platform/settings.js'

const header = '| variable | default | what it does | example |\n|---|---|---|---|\n'

/** The table of docs/configuration.md. */
export const tableOf = (variables: Variables): string => header + Object.entries(variables).map(lineOf).join('')

function lineOf([name, { meaning, default: used = 'none', example, isSecret, isRequired }]: [string, Variable]) {
  const names = isSecret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``
  const without = isRequired ? `${used}; required in production` : used
  return `| ${names} | ${without} | ${meaning} | ${example ? `\`${example}\` ` : ''}|\n`
}

/** The page with its table of the same first column replaced. */
export const withTable = (page: string, table: string): string => {
  const [, first] = /^\| (\w+) /.exec(table) ?? []
  return page.replace(new RegExp(`^\\| ${first} .*\\n(\\|.*\\n)*`, 'm'), () => table)
}
