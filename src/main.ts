import { configFrom } from './config.js'
import { startProcess } from './start.js'

startProcess(configFrom)
