// Asks the platform's API about the dossier of a step, with the agency's token.

import { AccessTokens } from './access-tokens.js'
import { call, member, NoAnswer } from './http-call.js'
import { PapersNotYet, PapersRefused, PapersUnavailable, parseDetails } from './papers.js'

const REFUSED_STATUSES = [403, 404, 409, 410]
// While the platform is away, it is asked only so often: a handler that waits for each time-out would hold up all others.
const PAUSE_MS = 5_000

export class PlatformClient {
  #url
  #tokens
  #pauseEndsAt = 0
  #reason = ''

  constructor(settings, metrics) {
    this.#url = settings.url.replace(/\/+$/, '')
    this.#tokens = new AccessTokens(settings, metrics)
  }

  /**
   * Reads the papers and the applicant of the dossier that a step belongs to: see papers.js. Rejects with PapersRefused if the step is
   * another agency's (403), cannot be known (404) or is over (410); with PapersNotYet if the platform does not know it yet; with
   * PapersUnavailable for no answer, a busy platform, no valid token, or an answer that is not readable.
   */
  async readDossier(task) {
    if (!/^https?:\/\//.test(this.#url)) {
      throw new PapersUnavailable("MOTCUA_URL is not set to the platform's http:// or https:// address")
    }
    const left = this.#pauseEndsAt - performance.now()
    if (left > 0) throw new PapersUnavailable(`asked again in ${Math.ceil(left / 1000)} s: ${this.#reason}`)
    const address = `${this.#url}/intake/api/agency/steps/${encodeURIComponent(task)}/papers`
    const answer = await this.#ask(address)
    const said = `${address}: ${answer.status} ${member(answer, 'title')}`.trim()
    if (REFUSED_STATUSES.includes(answer.status)) throw new PapersRefused(said)
    if (answer.status === 503 && member(answer, 'code') === 'step_not_yet_known') {
      throw new PapersNotYet(`${address}: the platform does not know this step yet`, answer)
    }
    if (answer.status !== 200) throw new PapersUnavailable(said, answer)
    try {
      return parseDetails(answer.body)
    } catch (error) {
      throw new PapersUnavailable(`${address}: ${error.message}`, { cause: error })
    }
  }

  async #ask(address) {
    try {
      const token = await this.#tokens.get()
      let answer = await get(address, token)
      if (answer.status === 401) answer = await get(address, await this.#tokens.replace(token))
      if (answer.status !== 401 && answer.status !== 429) return answer
      throw new PapersUnavailable(`${address}: ${answer.status} ${member(answer, 'title')}`, answer)
    } catch (error) {
      this.#pauseEndsAt = performance.now() + PAUSE_MS
      this.#reason = error.message
      if (error instanceof NoAnswer) throw new PapersUnavailable(`${address}: ${error.message}`, { cause: error })
      throw error
    }
  }
}

const get = (address, token) => call(address, { headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' } })
