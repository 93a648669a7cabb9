import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'

function helmetHeaders(): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet()(request, response, (error) => {
    if (error) throw error
  })
  return response.getHeaders()
}

/** Helmet's headers. They are the same for every answer, so helmet runs once. */
export const securityHeaders = helmetHeaders()
