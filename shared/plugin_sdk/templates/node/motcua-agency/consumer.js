// Receives an agency's messages, has them handled one after the other, and acknowledges each one only when its decision is confirmed.
//
// A message stays unacknowledged until it is settled, also while it waits for a retry. If the process or its machine dies, the broker
// delivers the message again at once. Requeueing it instead would use up the broker's delivery limit.

import { setTimeout as sleep } from 'node:timers/promises'

import { Connection, watchChannel } from './connection.js'
import { encodeDecision } from './decision-message.js'
import { Decision, RetryLater } from './decisions.js'
import { parseEvent, UnreadableMessage } from './events.js'
import { fetchPapers } from './papers.js'
import { accountOf, ConfirmTimeout, openConfirmChannel, publish } from './publisher.js'

const RESEND_MS = 5_000
const HOLD_MS = 25 * 60_000 // the broker closes the channel of a consumer that keeps a message for 30 minutes
const DEAD_LETTER = Symbol('dead letter')

export class Consumer {
  #lastJob = Promise.resolve()
  #running = 0 // running handlers and unconfirmed decisions: what stop() waits for
  #onIdle = null
  #stopping = false
  #finished = false
  #timers = new Set()
  #consumerTag = null

  constructor(service, amqp) {
    this.service = service
    this.metrics = service.metrics
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
    await Promise.all([this.receiver.keepOpen(), this.publisher.keepOpen()])
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
      else this.#enqueue({ channel, message, receivedAt: Date.now(), failures: 0 })
    }
    this.#consumerTag = (await channel.consume(this.queue, received)).consumerTag
    this.receiver.resetBackoff()
    this.metrics.set('connected', 1)
    console.info(`receiving from ${this.queue}`)
    return channel
  }

  #connectionLost(isReceiver) {
    if (isReceiver) this.metrics.set('connected', 0)
    if (!this.#finished) this.metrics.add('connections_lost_total')
  }

  #enqueue(job) {
    this.#lastJob = this.#lastJob.then(() => this.#handle(job))
  }

  async #handle(job) {
    if (this.#stopping || job.channel.isClosed) return // the broker delivers the message again
    this.#running += 1
    try {
      const outcome = await this.#outcome(job)
      if (outcome instanceof Decision) {
        this.#running += 1
        const message = encodeDecision(this.service.settings.code, job.event, outcome)
        this.#publishUntilConfirmed(job, message).finally(() => this.#done())
      } else if (outcome instanceof RetryLater) this.#delay(job, outcome.seconds * 1000)
      else if (outcome === DEAD_LETTER) this.#settle(job, () => job.channel.nack(job.message, false, false))
      else this.#settle(job, () => job.channel.ack(job.message))
    } finally {
      this.#done()
    }
  }

  async #outcome(job) {
    try {
      const { url, token } = this.service.settings
      job.event = parseEvent(job.message.content, (task) => fetchPapers(url, token, task))
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error
      console.warn(`unreadable message dead-lettered: ${error.message}`)
      this.metrics.add('unreadable_total')
      return DEAD_LETTER
    }
    this.metrics.add('received_total', 1, job.event?.event ?? 'other')
    if (job.event === null) {
      this.metrics.add('ignored_total')
      return null
    }
    const started = performance.now()
    try {
      return await this.service.decide(job.event)
    } catch (error) {
      return this.#retryOrGiveUp(job, error)
    } finally {
      this.metrics.add('handler_seconds_sum', (performance.now() - started) / 1000)
      this.metrics.add('handler_seconds_count')
    }
  }

  #retryOrGiveUp(job, error) {
    const { attempts, retrySeconds } = this.service.settings
    job.failures += 1
    this.metrics.add('failures_total')
    console.error(`${job.event.event} of task ${job.event.task} failed (${job.failures} of ${attempts}):`, error)
    if (job.failures < attempts) return new RetryLater(retrySeconds * 2 ** (job.failures - 1))
    this.metrics.add('given_up_total')
    return DEAD_LETTER
  }

  #delay(job, ms) {
    if (this.#stopping) return
    if (Date.now() + ms > job.receivedAt + HOLD_MS) {
      this.#settle(job, () => job.channel.nack(job.message, false, true))
      return
    }
    this.metrics.add('waiting')
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.metrics.add('waiting', -1)
      this.#enqueue(job)
    }, ms)
    this.#timers.add(timer)
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
