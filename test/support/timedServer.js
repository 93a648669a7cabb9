// Starts the server as `npm start` does, with the timings of its first parameter.
import { configFrom } from '../../dist/config.js'
import { startProcess } from '../../dist/start.js'

const timings = JSON.parse(process.argv[2])
startProcess(() => ({ ...configFrom(), timings }))
