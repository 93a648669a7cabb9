import { endingsOf } from '../uploads/kinds.js'

/**
 * Makes a browser save a file, under a safe name, instead of showing it. The extension matches the scanned kind, because operating
 * systems open files by extension: a scanned picture must not run as a program.
 */
export function dispositionOf(name: string, mediaType: string): string {
  const endings = endingsOf(mediaType)
  const fits = endings.some((ending) => name.toLowerCase().endsWith(ending))
  const safe = `${name}${fits ? '' : endings[0]}`.replaceAll(/[\p{C}"*/:<>?\\|]/gu, '_').replace(/^[.\s]+/, '_')
  const plain = safe.replaceAll(/[^ -~]|%/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded(safe)}`
}

/** Characters that encodeURIComponent leaves, but RFC 8187 does not permit. */
const encoded = (text: string) =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
