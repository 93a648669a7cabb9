import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { forShortRuns } from './test/support/long.js'

// Tests run what is built, as a start does.
execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', cwd: import.meta.dirname })

/** These take longest. If one began last, as on a machine that knows no durations yet, it would end alone. */
const longest = /\/(driver\.faults|server\.soak)\.ts$/
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const isLongest = ({ moduleId }: TestSpecification) => longest.test(moduleId)
    const others = await super.sort(files.filter((file) => !isLongest(file)))
    return files.filter(isLongest).concat(others)
  }
}

/**
 * What all projects share. None says `extends: true`, which loads this file again for each project, and with it builds again.
 */
const shared = {
  // Two copies of graphql would load otherwise ("another module or realm").
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: 'graphql/index.js' },
      // What was built is loaded by Node itself, in a sixth of the time that Vite takes to transform the sources.
      { find: /^(?:\.\.\/)+src\/(.*\.js)$/, replacement: `${import.meta.dirname}/dist/$1` },
    ],
  },
  oxc: { decorator: { legacy: true } },
}
const sharedOptions = {
  server: { deps: { external: [/\/dist\//] } },
  maxWorkers: '100%', // one core is kept back otherwise
}

const facts = {
  ...sharedOptions,
  globalSetup: 'test/support/globalSetup.ts',
  // A worker waits while PostgreSQL works for it. Two of them leave a quarter of two cores idle.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // No fact is about time: these are for what hangs, also beside others on a slow machine.
  testTimeout: 30_000,
  hookTimeout: 30_000,
  // The files of one worker load their modules once, which is half of the time.
  isolate: false,
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/support/slowest.ts'],
    projects: [
      {
        ...shared,
        test: { ...facts, name: 'facts', include: ['test/**/*.test.ts'], execArgv: forShortRuns },
      },
      {
        ...shared,
        test: { ...facts, name: 'wide', include: ['test/**/*.wide.ts'], execArgv: forShortRuns },
      },
      {
        ...shared,
        test: { ...facts, name: 'long', include: ['test/**/*.long.ts'], testTimeout: 600_000 },
      },
      {
        ...shared,
        test: {
          ...sharedOptions,
          name: 'faults',
          include: ['test/**/*.faults.ts'],
          globalSetup: 'test/support/build.ts',
          testTimeout: 300_000,
          hookTimeout: 300_000,
          execArgv: forShortRuns,
          // Each test waits for processes most of the time, which need two cores among themselves.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          ...sharedOptions,
          name: 'soak',
          include: ['test/**/*.soak.ts'],
          globalSetup: 'test/support/build.ts',
          sequence: { groupOrder: 2 },
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          ...sharedOptions,
          name: 'browser',
          include: ['test/**/*.browser.ts'],
          globalSetup: 'test/support/build.ts',
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
