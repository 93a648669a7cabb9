// The only door to oidc-provider: as it loads it warns of Node 20, on which all that is used of it here is tested.
const { warn } = console
console.warn = (...message: unknown[]) => {
  if (!String(message[0]).includes('Unsupported runtime')) warn(...message)
}
export const { Provider, errors, interactionPolicy } = await import('oidc-provider').finally(() => {
  console.warn = warn
})
