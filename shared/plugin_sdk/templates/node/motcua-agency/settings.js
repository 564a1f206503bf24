// What the environment says about an agency's service.

/** Reads MOTCUA_*. Throws an Error that lists every fault and never repeats the URL, which holds a password. */
export function readSettings(environment) {
  const faults = []
  const text = (name) => (environment[name] ?? '').trim()
  const number = (name, standard, low, high) => {
    const value = Number(text(name) || standard)
    if (!(value >= low && value <= high)) faults.push(`${name} must be a number between ${low} and ${high}`)
    return value
  }
  const settings = {
    code: text('MOTCUA_AGENCY'),
    amqpUrl: text('MOTCUA_AMQP_URL'), // amqp://agency.CODE:password@host:5672/vhost
    url: text('MOTCUA_URL'), // the platform's address, for the papers
    token: text('MOTCUA_TOKEN'), // the agency's bearer token, for the papers
    metricsPort: number('MOTCUA_METRICS_PORT', 0, 0, 65535),
    prefetch: number('MOTCUA_PREFETCH', 100, 1, 10_000), // messages that may be in hand or waiting
    attempts: number('MOTCUA_ATTEMPTS', 5, 1, 100), // calls of a failing handler before the dead letters
    retrySeconds: number('MOTCUA_RETRY_SECONDS', 1, 0.01, 60), // pause after the first failure, doubled after each
    stopSeconds: number('MOTCUA_STOP_SECONDS', 20, 1, 3600), // how long SIGTERM waits for what is in hand
  }
  if (!settings.code) faults.push("MOTCUA_AGENCY is not set: the agency's code")
  if (!/^amqps?:\/\/[^/]+/.test(settings.amqpUrl) || !URL.canParse(settings.amqpUrl)) {
    faults.push('MOTCUA_AMQP_URL is not amqp://agency.CODE:password@host:port/vhost')
  }
  if (faults.length > 0) throw new Error(faults.join('; '))
  return settings
}
