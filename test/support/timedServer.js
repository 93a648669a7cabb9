// Starts the server as `npm start` does, with the timings of its first parameter and the other settings of its second.
import { configFrom } from '../../dist/config.js'
import { startProcess } from '../../dist/start.js'

const [, , timings, settings = '{}'] = process.argv
startProcess(() => ({ ...configFrom(), timings: JSON.parse(timings), ...JSON.parse(settings) }))
