// Receives an agency's messages, has them handled one after the other, and acknowledges each one only when its decision is confirmed.
//
// A message stays unacknowledged until it is settled, also while it waits for a retry. If the process or its machine dies, the broker
// delivers the message again at once. Requeueing it at each retry instead would use up the broker's delivery limit, which counts every
// delivery that was not acknowledged, also those of a lost connection.

import { setTimeout as sleep } from 'node:timers/promises'

import { Connection, watchChannel } from './connection.js'
import { RetryLater } from './decisions.js'
import { DEAD_LETTER, Handlers, WaitForPapers } from './handlers.js'
import { accountOf, ConfirmTimeout, openConfirmChannel, publish } from './publisher.js'
import { PRODUCT, VERSION } from './version.js'

const RESEND_MS = 5_000
const HOLD_MS = 25 * 60_000 // the broker closes the channel of a consumer that keeps a message for 30 minutes
const UNSUSPICIOUS_DELIVERIES = 3
// The longest pause before a message that was delivered more often is handled; doubled with each further delivery.
const FIRST_SUSPECT_SECONDS = 2
const MAX_SUSPECT_SECONDS = 60

export class Consumer {
  #lastJob = Promise.resolve()
  #running = 0 // running handlers and unconfirmed decisions: what stop() waits for
  #onIdle = null
  #stopping = false
  #finished = false
  #timers = new Set()
  #consumerTag = null
  #handlers

  constructor(service, amqp) {
    this.service = service
    this.metrics = service.metrics
    this.#handlers = new Handlers(service)
    const { amqpUrl, code } = service.settings
    this.queue = `agency.${code}`
    this.account = accountOf(amqpUrl)
    const receiverLost = () => this.#connectionLost(true)
    this.receiver = new Connection(amqp, amqpUrl, `${this.queue} receiver`, this.#consume.bind(this), receiverLost)
    // The publisher has its own connection: a broker that is short of memory stops reading from connections that publish, and the
    // receiver must still acknowledge.
    const publisherLost = () => this.#connectionLost(false)
    this.publisher = new Connection(amqp, amqpUrl, `${this.queue} publisher`, openConfirmChannel, publisherLost)
  }

  /** Runs until stop(). */
  async run() {
    this.#handlers.start()
    try {
      await Promise.all([this.receiver.keepOpen(), this.publisher.keepOpen()])
    } finally {
      this.#handlers.stop()
    }
  }

  /** Starts no new work, finishes the running work and ends run(). */
  async stop() {
    if (this.#stopping) return
    this.#stopping = true
    for (const timer of this.#timers) clearTimeout(timer) // their messages go back to the queue
    const idle = new Promise((resolve) => (this.#onIdle = resolve))
    if (this.#consumerTag !== null) {
      await this.receiver.channel?.cancel(this.#consumerTag).catch(() => undefined) // a lost channel has no consumer left
    }
    if (this.#running > 0) {
      await Promise.race([idle, sleep(this.service.settings.stopSeconds * 1000, undefined, { ref: false })])
    }
    this.#finished = true
    await Promise.all([this.receiver.close(), this.publisher.close()])
  }

  async #consume(connection, onClose) {
    const channel = await connection.createChannel()
    watchChannel(channel, onClose)
    await channel.prefetch(this.service.settings.prefetch)
    const received = (message) => {
      if (message === null) onClose(new Error("the platform deleted this agency's queue"))
      else this.#receive({ channel, message, receivedAt: performance.now(), failures: 0, waits: 0 })
    }
    this.#consumerTag = (await channel.consume(this.queue, received)).consumerTag
    this.receiver.resetBackoff()
    this.metrics.set('connected', 1)
    console.info(`receiving from ${this.queue} with ${PRODUCT} ${VERSION}`)
    return channel
  }

  #connectionLost(isReceiver) {
    if (isReceiver) this.metrics.set('connected', 0)
    if (!this.#finished) this.metrics.add('connections_lost_total')
  }

  #receive(job) {
    const seconds = suspectPause(job.message.properties.headers ?? {})
    if (seconds > 0) this.#delay(job, new RetryLater(seconds))
    else this.#enqueue(job)
  }

  #enqueue(job) {
    this.#lastJob = this.#lastJob.then(() => this.#handle(job))
  }

  async #handle(job) {
    if (this.#stopping || job.channel.isClosed) return // the broker delivers the message again
    this.#running += 1
    try {
      const outcome = await this.#handlers.outcome(job)
      if (outcome === null) this.#settle(job, () => job.channel.ack(job.message))
      else if (outcome === DEAD_LETTER) this.#settle(job, () => job.channel.nack(job.message, false, false))
      else if (outcome instanceof RetryLater) this.#delay(job, outcome)
      else {
        this.#running += 1
        this.#publishUntilConfirmed(job, outcome).finally(() => this.#done())
      }
    } finally {
      this.#done()
    }
  }

  #delay(job, later) {
    if (this.#stopping) return
    const ms = later.seconds * 1000
    if (performance.now() + ms > job.receivedAt + HOLD_MS) {
      this.#settle(job, () => job.channel.nack(job.message, false, true))
      return
    }
    this.#countWaiting(later, 1)
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#countWaiting(later, -1)
      this.#enqueue(job)
    }, ms)
    this.#timers.add(timer)
  }

  #countWaiting(later, number) {
    this.metrics.add('waiting', number)
    if (later instanceof WaitForPapers) this.metrics.add('waiting_for_papers', number)
  }

  async #publishUntilConfirmed(job, message) {
    while (!this.#finished && !job.channel.isClosed) {
      try {
        await this.#publish(message)
        this.publisher.resetBackoff()
        this.metrics.add('decided_total', 1, message.event)
        this.#settle(job, () => job.channel.ack(job.message))
        return
      } catch (error) {
        console.warn(`${message.routingKey} is not confirmed and is sent again: ${error.message}`)
        this.metrics.add('unconfirmed_total')
        if (this.publisher.channel !== null) await sleep(RESEND_MS, undefined, { ref: false })
      }
    }
  }

  async #publish(message) {
    const channel = await this.publisher.whenOpen()
    if (channel === null) throw new Error('the service stops')
    try {
      await publish(channel, message, this.account)
    } catch (error) {
      if (error instanceof ConfirmTimeout) this.publisher.reconnect(error.message)
      throw error
    }
  }

  #settle(job, acknowledge) {
    try {
      acknowledge()
    } catch (error) {
      console.warn(`a message could not be acknowledged and is delivered again: ${error.message}`)
    }
  }

  #done() {
    this.#running -= 1
    if (this.#running === 0) this.#onIdle?.()
  }
}

/**
 * Seconds to wait before a message is handled that was delivered often: perhaps it ended the process each time. Whatever is in hand
 * then is delivered again too, and counted. The pause is random, so that the others are decided before it.
 */
export function suspectPause({ 'x-delivery-count': count = 0 }) {
  if (!(count > UNSUSPICIOUS_DELIVERIES)) return 0
  return Math.random() * Math.min(FIRST_SUSPECT_SECONDS * 2 ** (count - UNSUSPICIOUS_DELIVERIES - 1), MAX_SUSPECT_SECONDS)
}
