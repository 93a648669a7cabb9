import type { Reporter, TestModule } from 'vitest/node'

const shown = 10

/** Prints the slowest test files of a run: what they spend importing modules, and what their tests take. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => {
      const { collectDuration, duration } = module.diagnostic()
      return { name: module.relativeModuleId, imports: collectDuration, tests: duration }
    })
    files.sort((a, b) => b.imports + b.tests - a.imports - a.tests)
    console.log(`The ${Math.min(shown, files.length)} slowest of ${files.length} files (imports + tests):`)
    for (const { name, imports, tests } of files.slice(0, shown))
      console.log(`${secondsOf(imports)} s + ${secondsOf(tests)} s  ${name}`)
  }
}

const secondsOf = (milliseconds: number) => (milliseconds / 1000).toFixed(1).padStart(5)
