// The agency's access tokens: OAuth 2 client credentials (RFC 6749, section 4.4), renewed before they expire.

import { call, member } from './http-call.js'
import { PapersUnavailable } from './papers.js'

const RENEW_SECONDS = 60 // a token is renewed so long before its end
const DAY_MS = 86_400_000
const KEY_WARNING_MS = 30 * DAY_MS

export class AccessTokens {
  #settings
  #metrics
  #token = ''
  #renewAt = 0
  #renewing = null
  #warnedAt = -Infinity

  constructor(settings, metrics) {
    this.#settings = settings
    this.#metrics = metrics
  }

  /** The present token. Rejects with PapersUnavailable if the platform gives none now, or neither a secret nor a token is set. */
  async get() {
    const { token, clientSecret } = this.#settings
    if (token) return token
    if (!clientSecret) throw new PapersUnavailable('MOTCUA_CLIENT_SECRET is not set: `motcua agency grant` prints it')
    if (this.#token === '' || performance.now() >= this.#renewAt) {
      this.#renewing ??= this.#renew().finally(() => (this.#renewing = null))
      await this.#renewing
    }
    return this.#token
  }

  /** Another token in place of one that the platform refused. Rejects with PapersUnavailable if there is none. */
  async replace(refused) {
    if (this.#settings.token) throw new PapersUnavailable('the platform does not accept MOTCUA_TOKEN (any more)')
    if (this.#token === refused) this.#token = ''
    return this.get()
  }

  async #renew() {
    const { url, code, clientSecret } = this.#settings
    const address = `${url.replace(/\/+$/, '')}/routing/oauth/token`
    const client = Buffer.from(`agency.${encodeURIComponent(code)}:${encodeURIComponent(clientSecret)}`).toString('base64')
    const headers = { Authorization: `Basic ${client}`, Accept: 'application/json' }
    const askedAt = performance.now()
    try {
      const body = new URLSearchParams({ grant_type: 'client_credentials' })
      const answer = await call(address, { method: 'POST', headers, body })
      if (answer.status !== 200) throw new PapersUnavailable(refusal(answer), answer)
      const { access_token: token, expires_in: seconds, key_expires_at: keyEnds } = JSON.parse(answer.body)
      if (typeof token !== 'string' || token === '' || !(seconds > 0)) throw new Error('no access_token with expires_in')
      this.#token = token
      this.#renewAt = askedAt + 1000 * Math.max(seconds - RENEW_SECONDS, seconds / 2)
      this.#keyEnds(Date.parse(keyEnds))
    } catch (error) {
      throw new PapersUnavailable(`${address}: ${error.message}`, { cause: error, retryAfter: error.retryAfter ?? null })
    }
  }

  #keyEnds(at) {
    if (Number.isNaN(at)) return
    this.#metrics.set('key_expires_timestamp_seconds', at / 1000)
    if (at - Date.now() < KEY_WARNING_MS && performance.now() >= this.#warnedAt + DAY_MS) {
      this.#warnedAt = performance.now()
      console.warn(`the agency's key ends at ${new Date(at).toISOString()}: ask the operators for a new MOTCUA_CLIENT_SECRET`)
    }
  }
}

function refusal(answer) {
  const error = member(answer, 'error')
  if (error !== 'invalid_client') return `${answer.status} ${error}`.trim()
  return (
    'the platform does not accept MOTCUA_CLIENT_SECRET: the key has ended, is revoked or mistyped; ' +
    'ask the operators for another one'
  )
}
