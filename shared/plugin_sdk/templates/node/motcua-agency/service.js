// An agency's service: its handlers, and how it runs them.

import { Consumer } from './consumer.js'
import { encodeDecision } from './decision-message.js'
import { Decision, RetryLater } from './decisions.js'
import { HANDLED_EVENTS } from './events.js'
import { Metrics } from './metrics.js'
import { PlatformClient } from './platform-client.js'
import { publishOnce } from './publisher.js'
import { readSettings } from './settings.js'

/** A handler returned something that the platform would reject. */
export class InvalidDecision extends Error {}

/** Receives an agency's events, calls the registered handlers and sends their decisions. */
export class AgencyService {
  #handlers = new Map()
  #environment = process.env
  #settings
  #platform
  #consumer = null

  /** settings: see settings.js; by default they are read from the environment on first use. */
  constructor(settings = undefined) {
    this.#settings = settings
    this.metrics = new Metrics()
  }

  /** A service whose settings come from MOTCUA_*. They are read on first use, so tests need none. */
  static fromEnvironment(environment = process.env) {
    const service = new AgencyService()
    service.#environment = environment
    return service
  }

  /** The agency's code, its broker and its limits. Throws a SettingsError if the environment lacks something. */
  get settings() {
    this.#settings ??= readSettings(this.#environment)
    return this.#settings
  }

  /**
   * Registers the handler of an event; it may be async. step.assigned: it must return a decision or retryLater(…).
   * step.cancelled: it returns nothing. decision.rejected: it may return a better decision. Handlers run one after the other.
   * A handler that throws is called again after a pause. An event may be delivered twice, so handlers must be idempotent.
   */
  on(event, handler) {
    if (!HANDLED_EVENTS.includes(event)) throw new RangeError(`${event} is none of ${HANDLED_EVENTS.join(', ')}`)
    if (this.#handlers.has(event)) throw new RangeError(`${event} has a handler already`)
    this.#handlers.set(event, handler)
    return this
  }

  /** Calls the registered handler and checks its result as the platform would. Used by run(); call it in tests. */
  async decide(event) {
    const handler = this.#handlers.get(event.event)
    const result = handler ? await handler(event) : undefined
    if (!handler) this.metrics.add('ignored_total')
    if (event.event === 'step.assigned') {
      if (!(result instanceof Decision || result instanceof RetryLater)) {
        throw new InvalidDecision(`a step needs a decision or retryLater(…), not ${result}`)
      }
      checkOutcome(event, result)
    } else if (result !== undefined && !(event.event === 'decision.rejected' && result instanceof Decision)) {
      throw new InvalidDecision(`${event.event} takes no such result`)
    }
    return result
  }

  /**
   * Sends a decision on a step that was accepted() before, from any process; resolves when the broker has confirmed it.
   * Sending the same decision again is harmless.
   */
  async sendDecision(event, decision) {
    checkOutcome(event, decision)
    const { default: amqp } = await import('amqplib')
    const { code, amqpUrl } = this.settings
    await publishOnce(amqp, amqpUrl, encodeDecision(code, event, decision))
  }

  /**
   * Reads the papers and the applicant of a step's dossier, from any process, while the step is the agency's. Rejects with
   * PapersRefused or PapersUnavailable.
   */
  async readDossier(task) {
    this.#platform ??= new PlatformClient(this.settings, this.metrics)
    return this.#platform.readDossier(task)
  }

  /**
   * Runs until SIGTERM, SIGINT or stop(); then finishes the running work and resolves. Sets the exit status 1 and logs one line
   * if a setting is missing.
   */
  async run() {
    const { default: amqp } = await import('amqplib') // imported here, so that an agency's tests run without amqplib
    try {
      this.#consumer = new Consumer(this, amqp)
    } catch (error) {
      console.error(`motcua: ${error.message}`)
      process.exitCode = 1
      return
    }
    const stop = () => this.stop()
    process.on('SIGTERM', stop).on('SIGINT', stop)
    const server = await this.metrics.serve(this.settings.metricsPort)
    try {
      await this.#consumer.run()
    } finally {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      server?.close()
      server?.closeAllConnections()
    }
  }

  /** Ends run() cleanly. */
  async stop() {
    await this.#consumer?.stop()
  }
}

function checkOutcome(step, decision) {
  const outcome = decision instanceof Decision ? decision.fields.outcome : undefined
  const possible = [...(step.outcomes ?? []), step.obligation_outcome].filter(Boolean)
  if (outcome !== undefined && possible.length > 0 && !possible.includes(outcome)) {
    throw new InvalidDecision(`outcome ${outcome} is none of ${possible.join(', ')}`)
  }
}
