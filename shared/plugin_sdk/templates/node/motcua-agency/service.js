// Receives messages, has them handled one after the other, and acknowledges each only when its answer is confirmed.
//
// A message stays unacknowledged until it is done, also while it waits for another attempt: whatever happens to this process or its
// machine, the broker has it and hands it out again at once. Requeueing instead would use up the broker's delivery limit.

import { setTimeout as sleep } from 'node:timers/promises'

import { Decision, Later } from './decisions.js'
import { answer, CONTENT_TYPE, read, Unreadable } from './events.js'
import { Link } from './link.js'
import { fetchPapers } from './papers.js'

const EXCHANGE = 'motcua.agencies'
const CONFIRM_MS = 30_000
const CONNECT_MS = 5_000
const RESEND_MS = 5_000
const HOLD_MS = 25 * 60_000 // the broker closes the channel of a consumer that keeps a message for 30 minutes

export class Service {
  #chain = Promise.resolve()
  #working = 0 // handlers that run and answers that are not confirmed yet: what stop() waits for
  #idle = null
  #stopping = false
  #finished = false
  #waiting = new Set()
  #tag = null

  constructor(agency, amqp) {
    this.agency = agency
    this.metrics = agency.metrics
    const { amqpUrl, code } = agency.settings
    this.queue = `agency.${code}`
    this.user = decodeURIComponent(new URL(amqpUrl).username)
    this.receiver = new Link(amqp, amqpUrl, `${this.queue} receiver`, this.#consume.bind(this), () => this.#lost(true))
    // Of its own, because a broker short of memory stops reading from those that publish, and acknowledgements shall go on.
    this.publisher = new Link(amqp, amqpUrl, `${this.queue} publisher`, confirming, () => this.#lost(false))
  }

  /** Works until stop(). */
  async run() {
    await Promise.all([this.receiver.keepOpen(), this.publisher.keepOpen()])
  }

  /** Asks for an end: nothing new is begun, what is in hand is finished. */
  async stop() {
    if (this.#stopping) return
    this.#stopping = true
    for (const timer of this.#waiting) clearTimeout(timer) // those messages go back to the queue
    const idle = new Promise((resolve) => (this.#idle = resolve))
    if (this.#tag !== null) await this.receiver.channel?.cancel(this.#tag).catch(() => undefined) // lost: it is cancelled
    if (this.#working > 0) {
      await Promise.race([idle, sleep(this.agency.settings.stopSeconds * 1000, undefined, { ref: false })])
    }
    this.#finished = true
    await Promise.all([this.receiver.close(), this.publisher.close()])
  }

  async #consume(connection, lose) {
    const channel = await connection.createChannel()
    watch(channel, lose)
    await channel.prefetch(this.agency.settings.prefetch)
    const received = (message) => {
      if (message === null) lose(new Error("the platform deleted this agency's queue"))
      else this.#hand({ channel, message, since: Date.now(), failures: 0 })
    }
    this.#tag = (await channel.consume(this.queue, received)).consumerTag
    this.receiver.works()
    this.metrics.set('connected', 1)
    console.info(`receiving from ${this.queue}`)
    return channel
  }

  #lost(receiving) {
    if (receiving) this.metrics.set('connected', 0)
    if (!this.#finished) this.metrics.add('connections_lost_total')
  }

  #hand(job) {
    this.#chain = this.#chain.then(() => this.#handle(job))
  }

  async #handle(job) {
    if (this.#stopping || job.channel.gone) return // the broker hands the message out again
    this.#working += 1
    try {
      const outcome = await this.#outcome(job)
      if (outcome instanceof Decision) {
        this.#working += 1
        this.#send(job, answer(this.agency.settings.code, job.notice, outcome)).finally(() => this.#done())
      } else if (outcome instanceof Later) this.#wait(job, outcome.seconds * 1000)
      else this.#settle(job, () => (outcome === 'dead' ? job.channel.nack(job.message, false, false) : job.channel.ack(job.message)))
    } finally {
      this.#done()
    }
  }

  async #outcome(job) {
    try {
      const { url, token } = this.agency.settings
      job.notice = read(job.message.content, (task) => fetchPapers(url, token, task))
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      console.warn(`an unreadable message goes to the dead letters: ${error.message}`)
      this.metrics.add('unreadable_total')
      return 'dead'
    }
    this.metrics.add('received_total', 1, job.notice?.event ?? 'other')
    if (job.notice === null) {
      this.metrics.add('ignored_total')
      return null
    }
    const started = performance.now()
    try {
      return await this.agency.decide(job.notice)
    } catch (error) {
      return this.#failed(job, error)
    } finally {
      this.metrics.add('handler_seconds_sum', (performance.now() - started) / 1000)
      this.metrics.add('handler_seconds_count')
    }
  }

  #failed(job, error) {
    const { attempts, retrySeconds } = this.agency.settings
    job.failures += 1
    this.metrics.add('failures_total')
    console.error(`${job.notice.event} of task ${job.notice.task} failed (${job.failures} of ${attempts}):`, error)
    if (job.failures < attempts) return new Later(retrySeconds * 2 ** (job.failures - 1))
    this.metrics.add('given_up_total')
    return 'dead'
  }

  #wait(job, ms) {
    if (this.#stopping) return
    if (Date.now() + ms > job.since + HOLD_MS) {
      this.#settle(job, () => job.channel.nack(job.message, false, true))
      return
    }
    this.metrics.add('waiting')
    const timer = setTimeout(() => {
      this.#waiting.delete(timer)
      this.metrics.add('waiting', -1)
      this.#hand(job)
    }, ms)
    this.#waiting.add(timer)
  }

  async #send(job, message) {
    while (!this.#finished && !job.channel.gone) {
      try {
        await this.#publish(message)
        this.publisher.works()
        this.metrics.add('decided_total', 1, message.event)
        this.#settle(job, () => job.channel.ack(job.message))
        return
      } catch (error) {
        console.warn(`${message.routingKey} is not confirmed, sent again: ${error.message}`)
        this.metrics.add('unconfirmed_total')
        if (this.publisher.channel !== null) await sleep(RESEND_MS, undefined, { ref: false })
      }
    }
  }

  async #publish(message) {
    const channel = await this.publisher.whenOpen()
    if (channel === null) throw new Error('the service ends')
    try {
      await publish(channel, message, this.user)
    } catch (error) {
      if (error instanceof NoConfirm) this.publisher.drop(error.message)
      throw error
    }
  }

  /** Sends one answer over a connection of its own, and waits for its confirm. */
  static async publishOnce(amqp, url, message) {
    const connection = await amqp.connect(url, { timeout: CONNECT_MS })
    try {
      connection.on('error', () => undefined) // the channel tells what it means for the answer
      const channel = await confirming(connection, () => undefined)
      await publish(channel, message, decodeURIComponent(new URL(url).username))
    } finally {
      await connection.close()
    }
  }

  #settle(job, how) {
    try {
      how()
    } catch (error) {
      console.warn(`a message could not be settled and comes again: ${error.message}`)
    }
  }

  #done() {
    this.#working -= 1
    if (this.#working === 0) this.#idle?.()
  }
}

function watch(channel, lose) {
  channel.on('error', lose)
  channel.on('close', () => {
    channel.gone = true
    lose(new Error('the channel was closed'))
  })
}

async function confirming(connection, lose) {
  const channel = await connection.createConfirmChannel()
  watch(channel, lose)
  channel.unroutable = new Set()
  // The confirm follows, and would look as if the message had arrived somewhere.
  channel.on('return', ({ properties }) => channel.unroutable.add(properties.messageId))
  return channel
}

class NoConfirm extends Error {}

function publish(channel, message, user) {
  const properties = {
    mandatory: true,
    persistent: true,
    contentType: CONTENT_TYPE,
    messageId: message.id,
    type: message.type,
    userId: user,
    headers: { partitionkey: message.dossier },
  }
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new NoConfirm(`no confirm within ${CONFIRM_MS / 1000} s`)), CONFIRM_MS)
    channel.publish(EXCHANGE, message.routingKey, message.body, properties, (error) => {
      clearTimeout(late)
      if (error) reject(error)
      else if (channel.unroutable.delete(message.id)) reject(new Error('the platform has no queue for it'))
      else resolve()
    })
  })
}
