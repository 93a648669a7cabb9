// Loaded into the server that is watched (node --expose-gc --import): tells what it holds once all garbage is collected.
process.on('message', () => {
  globalThis.gc()
  const { rss, heapUsed } = process.memoryUsage()
  process.send({ rss, heapUsed })
})
