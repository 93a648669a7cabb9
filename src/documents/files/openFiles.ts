import type { ProcessConfig } from '../../platform/process.settings.js'
import type { FileStore } from './fileStore.js'
import type { FilesConfig } from './files.settings.js'
import { localFiles } from './localFiles.js'
import { s3Files } from './s3Files.js'

/** Uses the configured bucket, or else a folder. Prefixes keep a sandbox and a production apart even in the same one. */
export function openFiles({ mode, filesDir, filesS3 }: FilesConfig & Pick<ProcessConfig, 'mode'>): FileStore {
  const folder = mode.toLowerCase()
  return filesS3 ? s3Files(filesS3, folder) : localFiles(filesDir, folder)
}
