import { endingsOf } from '../issued/kinds.js'

/**
 * To be saved, never shown, under a name that is safe everywhere. Its ending is one of what it is: what opens a file goes by
 * that, and what was looked through as a picture is not to be run as a program.
 */
export function dispositionOf(name: string, mediaType: string): string {
  const endings = endingsOf(mediaType)
  const fits = endings.some((ending) => name.toLowerCase().endsWith(ending))
  const safe = `${name}${fits ? '' : endings[0]}`.replaceAll(/[\p{C}"*/:<>?\\|]/gu, '_').replace(/^[.\s]+/, '_')
  const plain = safe.replaceAll(/[^ -~]|%/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded(safe)}`
}

/** RFC 8187: what encodeURIComponent leaves, and may not stand there. */
const encoded = (text: string) =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
