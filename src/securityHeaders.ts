import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'

type Options = Parameters<typeof helmet>[0]

/** Helmet's headers. They are the same for every answer, so helmet runs once. */
function helmetHeaders(options?: Options): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, (error) => {
    if (error) throw error
  })
  return response.getHeaders()
}

export const securityHeaders = helmetHeaders()

/** The headers of answers that are data, by OWASP's REST cheat sheet. The other ones of Helmet only concern pages. */
export const securityHeadersOfData = helmetHeaders({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
})
