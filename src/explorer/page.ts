// The page that contains GraphiQL. Scripts and styles are separate files, so that the policy needs no `unsafe-inline`.

import type { Example } from './examples.js'

/** The globals of React and GraphiQL that the page uses. */
interface Globals {
  React: { createElement(type: unknown, props: object, ...children: unknown[]): unknown }
  ReactDOM: { createRoot(element: HTMLElement | null): { render(element: unknown): void } }
  GraphiQL: { Logo: unknown; createFetcher(options: { url: string; enableIncrementalDelivery: false }): Fetcher }
}

type Fetcher = (question: { query: string }) => Promise<{ data: { services: { nodes: { id: string }[] } } }>

/** Runs in the browser. Its source text is sent, so it cannot use anything defined outside it. */
async function start({ path, examples }: { path: string; examples: Example[] }) {
  const { React, ReactDOM, GraphiQL } = window as unknown as Globals
  const fetcher = GraphiQL.createFetcher({ url: path, enableIncrementalDelivery: false })
  const anId = await fetcher({ query: '{ services(first: 1) { nodes { id } } }' })
    .then(({ data }) => data.services.nodes[0]?.id ?? '')
    .catch(() => '')
  const asked = new URLSearchParams(location.search)
  const headers = JSON.stringify({ 'Accept-Language': navigator.languages.join(', ') }, null, 2)
  const tabs = examples.map(({ query, variables }) => ({
    query,
    variables: variables?.replace('AN_ID', anId),
    headers,
  }))
  const props = {
    fetcher,
    defaultTabs: tabs,
    defaultHeaders: headers,
    defaultEditorToolsVisibility: 'headers',
    query: asked.get('query') ?? undefined,
    variables: asked.get('variables') ?? undefined,
  }
  const logo = React.createElement(GraphiQL.Logo, {}, 'Pəncərə')
  ReactDOM.createRoot(document.getElementById('explorer')).render(React.createElement(GraphiQL, props, logo))
}

export const script = (options: Parameters<typeof start>[0]) => `(${start})(${JSON.stringify(options)})\n`

export const style = `html, body, #explorer { height: 100%; margin: 0 }
.graphiql-container .graphiql-logo { font-size: 18px; font-weight: 600 }
`

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 1h12v14H2z" fill="#0b6e8f"/>' +
  '<path d="M4 3h3.3v4H4zm4.7 0H12v4H8.700zM4 8.500h3.300V13H4zm4.700 0H12V13H8.700z" fill="#fff"/></svg>'

export const page = (scripts: string[], styles: string[]) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pəncərə</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
</head>
<body>
<div id="explorer"><noscript>The explorer needs JavaScript. The API answers POST at this address without it.</noscript></div>
${scripts.map((src) => `<script src="${src}"></script>`).join('\n')}
</body>
</html>
`
