// The kit for an agency that plugs its own service in. It needs the package amqplib and nothing else.
//
//   import { Agency, completed } from './motcua-agency/index.js'
//
//   export const agency = Agency.fromEnvironment()
//   agency.on('step.assigned', (step) => completed(step.outcomes[0], { note: '…' }))
//   await agency.run()

import { Decision, Later } from './decisions.js'
import { answer, KNOWN } from './events.js'
import { Metrics } from './metrics.js'
import { Service } from './service.js'
import { readSettings } from './settings.js'

export { accepted, completed, Decision, Later, later, needsSupplement, obligation, returned } from './decisions.js'
export { exampleStep, Unreadable } from './events.js'
export { PapersRefused, PapersUnavailable } from './papers.js'

/** A handler's answer that the platform would refuse. */
export class InvalidDecision extends Error {}

export class Agency {
  #handlers = new Map()
  #environment = process.env
  #settings
  #service = null

  /** settings: see settings.js; by default the environment's, read when they are first needed. */
  constructor(settings = undefined) {
    this.#settings = settings
    this.metrics = new Metrics()
  }

  /** An agency whose settings are the environment's MOTCUA_*, read when they are first needed: tests need none. */
  static fromEnvironment(environment = process.env) {
    const agency = new Agency()
    agency.#environment = environment
    return agency
  }

  /** The agency, its broker and its limits. Throws when the environment lacks something. */
  get settings() {
    this.#settings ??= readSettings(this.#environment)
    return this.#settings
  }

  /**
   * Registers the handler of an event; it may be async. step.assigned must return a decision or later(…); step.cancelled takes no
   * answer; decision.rejected may return a better decision. Handlers are called one after the other; one that throws is called
   * again after a pause. The same event may come twice: a handler must bear that.
   */
  on(event, handler) {
    if (!KNOWN.includes(event) || this.#handlers.has(event)) {
      throw new RangeError(`${event} is none of ${KNOWN.join(', ')}, or has a handler already`)
    }
    this.#handlers.set(event, handler)
    return this
  }

  /** What the registered handler says, checked as the platform will check it. For tests, and used by run(). */
  async decide(notice) {
    const handler = this.#handlers.get(notice.event)
    const said = handler ? await handler(notice) : undefined
    if (!handler) this.metrics.add('ignored_total')
    if (notice.event === 'step.assigned') {
      if (!(said instanceof Decision || said instanceof Later)) {
        throw new InvalidDecision(`a step needs a decision or later(…), not ${said}`)
      }
      checkOutcome(notice, said)
    } else if (said !== undefined && !(notice.event === 'decision.rejected' && said instanceof Decision)) {
      throw new InvalidDecision(`${notice.event} takes no such answer`)
    }
    return said
  }

  /**
   * Sends a decision about a step that was accepted() before, from wherever the agency's people work; resolves when it is confirmed.
   * Sending the same again is harmless.
   */
  async answer(step, decision) {
    checkOutcome(step, decision)
    const { default: amqp } = await import('amqplib')
    const { code, amqpUrl } = this.settings
    await Service.publishOnce(amqp, amqpUrl, answer(code, step, decision))
  }

  /** Serves until SIGTERM or SIGINT: then finishes what is in hand and resolves. Ends with one clear line when a setting is missing. */
  async run() {
    const { default: amqp } = await import('amqplib') // here, so that an agency's tests need no broker's library
    try {
      this.#service = new Service(this, amqp)
    } catch (error) {
      console.error(`motcua: ${error.message}`)
      process.exitCode = 1
      return
    }
    const stop = () => this.stop()
    process.on('SIGTERM', stop).on('SIGINT', stop)
    const server = await this.metrics.serve(this.settings.metricsPort)
    try {
      await this.#service.run()
    } finally {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      server?.close()
      server?.closeAllConnections()
    }
  }

  /** Ends run() in good order. */
  async stop() {
    await this.#service?.stop()
  }
}

function checkOutcome(step, said) {
  const outcome = said instanceof Decision ? said.fields.outcome : undefined
  const possible = [...(step.outcomes ?? []), step.obligation_outcome].filter(Boolean)
  if (outcome !== undefined && possible.length > 0 && !possible.includes(outcome)) {
    throw new InvalidDecision(`outcome ${outcome} is none of ${possible.join(', ')}`)
  }
}
