import { type IncomingHttpHeaders, request } from 'node:http'

export interface Said {
  status: number | undefined
  headers: IncomingHttpHeaders
  text: string
  // A test knows what it asked for.
  json: any
}
interface Asking {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string
}

/** Sends a request as curl does: nothing is added to it, and the answer is returned as it comes. */
export const askRegistry = (address: string, { method = 'GET', headers = {}, body }: Asking = {}) =>
  new Promise<Said>((settle, reject) => {
    const asking = request(address, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        settle({ status: response.statusCode, headers: response.headers, text, json: jsonOf(text) }),
      )
    })
    asking.on('error', reject)
    asking.end(body)
  })

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a test looks at the text then
  }
}
