// The settings of an agency's service, read from environment variables.

/** Settings are missing or malformed; the message lists all of them. */
export class SettingsError extends Error {}

/** Reads MOTCUA_*. Throws a SettingsError; its message never contains the URL, because it holds a password. */
export function readSettings(environment) {
  const faults = []
  const text = (name) => (environment[name] ?? '').trim()
  const number = (name, defaultValue, low, high) => {
    const value = Number(text(name) || defaultValue)
    if (!(value >= low && value <= high)) faults.push(`${name} must be a number between ${low} and ${high}`)
    return value
  }
  const settings = {
    code: text('MOTCUA_AGENCY'),
    amqpUrl: text('MOTCUA_AMQP_URL'), // amqp://agency.CODE:password@host:5672/vhost
    url: text('MOTCUA_URL'), // the platform's address, to fetch papers
    clientSecret: text('MOTCUA_CLIENT_SECRET'), // the agency's key, with which the SDK gets its tokens
    token: text('MOTCUA_TOKEN'), // a bearer token that is used as it is, for trials
    metricsPort: number('MOTCUA_METRICS_PORT', 0, 0, 65535),
    prefetch: number('MOTCUA_PREFETCH', 100, 1, 10_000), // messages that may be unacknowledged at a time
    attempts: number('MOTCUA_ATTEMPTS', 5, 1, 100), // how often a failing handler is called before its message is dead-lettered
    retrySeconds: number('MOTCUA_RETRY_SECONDS', 1, 0.01, 60), // delay after the first failure, doubled after each further one
    stopSeconds: number('MOTCUA_STOP_SECONDS', 20, 1, 3600), // how long SIGTERM waits for running work
  }
  if (!settings.code) faults.push("MOTCUA_AGENCY is not set: the agency's code")
  if (!/^amqps?:\/\/[^/]+/.test(settings.amqpUrl) || !URL.canParse(settings.amqpUrl)) {
    faults.push('MOTCUA_AMQP_URL is not amqp://agency.CODE:password@host:port/vhost')
  }
  if (faults.length > 0) throw new SettingsError(faults.join('; '))
  return settings
}
