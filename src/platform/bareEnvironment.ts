/** The environment of a foreign program, which only needs to find its libraries. */
export const bareEnvironment = ({ PATH, LANG } = process.env): NodeJS.ProcessEnv => ({ PATH, LANG })
