/** What happens to the process at an armed failpoint. */
export type Trouble = 'kill' | 'throw' | 'wait'

const armed = new Map<string, { trouble: Trouble; after: number }>()

/** `command.committed=kill,sequencer.swept=throw@3`: the third time it is passed. Throws if it is invalid. */
export function armFailpoints(text: string): void {
  for (const part of text.split(',').filter(Boolean)) {
    const [, name, trouble, after] = /^([\w.]+)=(kill|throw|wait)(?:@(\d+))?$/.exec(part) ?? []
    if (!name)
      throw new Error(
        `FAILPOINTS must be a comma-separated list of name=kill|throw|wait, each with an optional @n; got "${part}"`,
      )
    armed.set(name, { trouble: trouble as Trouble, after: Number(after ?? 1) })
  }
}

/** A place where a test may kill, fail or hang the process: at each commit, and each call to another system. */
export async function failpoint(name: string): Promise<void> {
  const point = armed.get(name)
  if (!point || --point.after > 0) return
  armed.delete(name)
  if (point.trouble === 'throw') throw new Error(`failpoint ${name}`)
  if (point.trouble === 'kill') process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
}
