// Calls the handlers, one message after the other, and says what happens to each message.

import { encodeDecision } from './decision-message.js'
import { Decision, RetryLater } from './decisions.js'
import { parseEvent } from './events.js'
import { PapersUnavailable } from './papers.js'
import { StrayErrors } from './stray-errors.js'

const FIRST_WAIT_SECONDS = 1 // how long a message waits for papers before its handler is called again: doubled each time
const MAX_WAIT_SECONDS = 60
const MAX_RETRY_AFTER_SECONDS = 1200

/** The message can never be handled and goes to the dead letters. */
export const DEAD_LETTER = Symbol('dead letter')

/** The handler needs papers that the platform does not give now: call it again, without counting an attempt. */
export class WaitForPapers extends RetryLater {}

export class Handlers {
  #service
  #metrics
  #strayErrors = new StrayErrors()

  constructor(service) {
    this.#service = service
    this.#metrics = service.metrics
  }

  start() {
    this.#strayErrors.start()
  }

  stop() {
    this.#strayErrors.stop()
  }

  /** The decision to publish (see decision-message.js), a RetryLater, DEAD_LETTER, or null to acknowledge the message. */
  async outcome(job) {
    let event
    try {
      event = parseEvent(job.message.content, (task) => this.#service.readDossier(task))
    } catch (error) {
      console.warn(`unreadable message dead-lettered: ${error.message}`)
      this.#metrics.add('unreadable_total')
      return DEAD_LETTER
    }
    this.#metrics.add('received_total', 1, event?.event ?? 'other')
    if (event === null) {
      this.#metrics.add('ignored_total')
      return null
    }
    const started = performance.now()
    try {
      const result = await this.#strayErrors.guard(() => this.#service.decide(event))
      job.waits = 0
      return result instanceof Decision ? encodeDecision(this.#service.settings.code, event, result) : (result ?? null)
    } catch (error) {
      return error instanceof PapersUnavailable ? this.#waitForPapers(job, event, error) : this.#retryOrGiveUp(job, event, error)
    } finally {
      this.#metrics.add('handler_seconds_sum', (performance.now() - started) / 1000)
      this.#metrics.add('handler_seconds_count')
    }
  }

  #waitForPapers(job, event, { message, retryAfter }) {
    const pause = Math.min(FIRST_WAIT_SECONDS * 2 ** job.waits, MAX_WAIT_SECONDS)
    const seconds = Math.max(pause, Math.min(retryAfter ?? 0, MAX_RETRY_AFTER_SECONDS)) // as long as the platform asks, at least
    job.waits += 1
    this.#metrics.add('papers_unavailable_total')
    console.warn(`${event.event} of task ${event.task} waits ${seconds} s for the papers: ${message}`)
    return new WaitForPapers(seconds)
  }

  #retryOrGiveUp(job, event, error) {
    const { attempts, retrySeconds } = this.#service.settings
    job.failures += 1
    this.#metrics.add('failures_total')
    console.error(`${event.event} of task ${event.task} failed (${job.failures} of ${attempts}):`, error)
    if (job.failures < attempts) return new RetryLater(retrySeconds * 2 ** (job.failures - 1))
    this.#metrics.add('given_up_total')
    return DEAD_LETTER
  }
}
