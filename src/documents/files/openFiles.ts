import type { Config } from '../../config.js'
import type { FileStore } from './fileStore.js'
import { localFiles } from './localFiles.js'
import { s3Files } from './s3Files.js'

/** In a bucket where one is configured, else in a folder. A sandbox and a production that are given the same one do not meet. */
export function openFiles({ mode, filesDir, filesS3 }: Pick<Config, 'mode' | 'filesDir' | 'filesS3'>): FileStore {
  const folder = mode.toLowerCase()
  return filesS3 ? s3Files(filesS3, folder) : localFiles(filesDir, folder)
}
