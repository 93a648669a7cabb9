// Registries in a separate process: each answers after 50 ms, except one that never does. Prints their ports.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

const delay = Number(process.argv[2] ?? 50)
const held = {
  POPULATION: ({ fins }) => ({
    persons: fins.map((fin) => ({ fin, surname: 'Bench', givenName: 'Test', birthDate: '1990-01-01', sex: 'MALE' })),
  }),
  FINES: (_, subject) => ({ subject, points: 0, fines: [] }),
  REALESTATE: (_, subject) => ({ subject, titles: [] }),
  MEIS: (_, subject) => ({ subject, employments: [], pension: null }),
  AVIS: (_, subject) => ({ subject, asOf: '2026-11-25', debts: [] }),
}

const ports = {}
for (const [code, answer] of [...Object.entries(held), ['HANGING', undefined]]) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (!answer) return // the caller waits as long as it likes
    const parts = request.url.split('?')[0].split('/').slice(2)
    const [subject] = parts.slice(-1)
    setTimeout(() => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-road-client': request.headers['x-road-client'],
        'x-road-service': parts.slice(0, 5).join('/'),
        'x-road-id': request.headers['x-road-id'],
        'x-road-request-id': randomUUID(),
        'x-road-request-hash': 'bench',
      })
      response.end(JSON.stringify(answer(body ? JSON.parse(body) : undefined, subject)))
    }, delay)
  })
  await new Promise((settle) => server.listen(0, '127.0.0.1', settle))
  ports[code] = server.address().port
}
process.on('disconnect', () => process.exit())
process.send(ports)
