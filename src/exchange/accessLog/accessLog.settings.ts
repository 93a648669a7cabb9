import { join, resolve } from 'node:path'
import { z } from 'zod'
import { settings } from '../../platform/settings.js'

export interface AccessLogConfig {
  /** The folder of the worker's copy of the access log's checkpoints. Absolute. */
  accessLogDir: string
}

export const accessLogSettings = settings(
  {
    ACCESS_LOG_DIR: {
      meaning:
        "Folder of the worker's copy of the [access log](access-log.md)'s checkpoints. Created if missing. Each host " +
        'needs its own, on another disk than the database, best where nothing can be deleted',
      default: '`access-log` in `DATA_DIR`',
      example: '/mnt/apart/pencere',
      value: z.string().optional(),
    },
  },
  ({ ACCESS_LOG_DIR }, { dataDir }): AccessLogConfig => ({
    accessLogDir: resolve(ACCESS_LOG_DIR ?? join(dataDir, 'access-log')),
  }),
)
