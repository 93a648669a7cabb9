import { readFileSync } from 'node:fs'
const p = JSON.parse(readFileSync(process.argv[2]))
const byId = new Map(p.nodes.map((n) => [n.id, n]))
const self = new Map()
const total = p.samples.length
for (let i = Math.floor(total*0.3); i < total; i++) self.set(p.samples[i], (self.get(p.samples[i]) ?? 0) + p.timeDeltas[i])
const parent = new Map()
for (const n of p.nodes) for (const c of n.children ?? []) parent.set(c, n.id)
const name = (n) => `${n.callFrame.functionName || '(anon)'} ${n.callFrame.url.split('/node_modules/').at(-1).split('/dist/').at(-1)}:${n.callFrame.lineNumber + 1}`
const selfBy = new Map(), fileBy = new Map(), totalBy = new Map()
let sum = 0
for (const [id, t] of self) {
  const n = byId.get(id)
  const f = n.callFrame.functionName
  if (f === '(idle)') continue
  sum += t
  const k = name(n)
  selfBy.set(k, (selfBy.get(k) ?? 0) + t)
  const file = k.split(' ').at(-1).split(':').slice(0, -1).join(':') || f
  fileBy.set(file, (fileBy.get(file) ?? 0) + t)
  const seen = new Set()
  for (let c = id; c !== undefined; c = parent.get(c)) { const kk = name(byId.get(c)); if (!seen.has(kk)) { seen.add(kk); totalBy.set(kk, (totalBy.get(kk) ?? 0) + t) } }
}
const show = (m, k) => [...m].sort((a, b) => b[1] - a[1]).slice(0, k).forEach(([n, t]) => console.log((100 * t / sum).toFixed(2).padStart(6), n))
console.log('SELF'); show(selfBy, 70); console.log('FILE'); show(fileBy, 40); console.log('TOTAL'); show(totalBy, 90)
