import { readFileSync } from 'node:fs'
// nearest ancestor in user land, with node internals folded into it
const p = JSON.parse(readFileSync(process.argv[2])); const per = Number(process.argv[3] ?? 0)
const byId = new Map(p.nodes.map((n) => [n.id, n])); const parent = new Map()
for (const n of p.nodes) for (const c of n.children ?? []) parent.set(c, n.id)
const by = new Map(), lib = new Map(); let sum = 0, idle = 0
const start = Math.floor(p.samples.length * 0.25)
for (let i = start; i < p.samples.length; i++) {
  const t = p.timeDeltas[i]; const id = p.samples[i]
  if (byId.get(id).callFrame.functionName === '(idle)') { idle += t; continue }
  sum += t
  let c = id, label
  const leaf = byId.get(id).callFrame
  for (; c !== undefined; c = parent.get(c)) {
    const { url, functionName, lineNumber } = byId.get(c).callFrame
    if (url.startsWith('file:') || (url && !url.startsWith('node:'))) { const f = url.split('/node_modules/').at(-1).split('/dist/').at(-1).split('/bench/').at(-1); label = [f, `${functionName || '(anon)'} ${f}:${lineNumber + 1}`]; break }
  }
  if (!label) { let l = leaf; let top = id; const chain = []; for (c = id; c !== undefined; c = parent.get(c)) chain.push(byId.get(c).callFrame.functionName); const k = chain.slice(-3, -1).reverse().join('>') ; label = [k, k + ' .. ' + leaf.functionName] }
  by.set(label[1], (by.get(label[1]) ?? 0) + t); lib.set(label[0], (lib.get(label[0]) ?? 0) + t)
}
const show = (m, k) => [...m].sort((a, b) => b[1] - a[1]).slice(0, k).forEach(([n, t]) => console.log((100 * t / sum).toFixed(2).padStart(6), per ? (t / sum * per).toFixed(1).padStart(6) + 'µs' : '', n))
console.log('idle share', (idle / (idle + sum)).toFixed(2)); show(lib, 45); console.log('---'); show(by, 80)
