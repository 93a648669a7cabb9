// Loaded into the measured server (node --expose-gc --import): reports its memory after a garbage collection.
process.on('message', () => {
  globalThis.gc()
  const { rss, heapUsed } = process.memoryUsage()
  process.send({ rss, heapUsed })
})
