// A connection with one channel that is opened again whenever it is lost.

import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
const HEARTBEAT_SECONDS = 20
const CONNECT_MS = 5_000
const CLOSE_MS = 3_000

export class Link {
  #amqp
  #url
  #setUp
  #onLost
  #pause = FIRST_PAUSE_MS
  #ending = new AbortController()
  #ended = null
  #waiters = []
  #lose = () => undefined

  /** setUp(connection, lose) makes the channel; onLost() is called after each loss and failed attempt. */
  constructor(amqp, url, name, setUp, onLost) {
    const address = new URL(url)
    if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', HEARTBEAT_SECONDS)
    this.#amqp = amqp
    this.#url = address.href
    this.#setUp = setUp
    this.#onLost = onLost
    this.name = name
    this.channel = null
  }

  /** Connects, now and whenever the connection is lost, until close(). */
  keepOpen() {
    this.#ended = this.#openAgainAndAgain()
    return this.#ended
  }

  /** Waits for the present or next channel; null when the link has been closed. */
  async whenOpen() {
    while (this.channel === null && !this.#ending.signal.aborted) {
      await new Promise((resolve) => this.#waiters.push(resolve))
    }
    return this.channel
  }

  /** The link does what it is for: the next loss is followed by a short pause again. */
  works() {
    this.#pause = FIRST_PAUSE_MS
  }

  /** Gives the present connection up; another follows. */
  drop(reason) {
    this.#lose(new Error(reason))
  }

  /** Ends the link in good order and for good. */
  async close() {
    this.#ending.abort()
    this.drop('closed')
    this.#wake()
    await this.#ended
  }

  async #openAgainAndAgain() {
    const { signal } = this.#ending
    while (!signal.aborted) {
      const reason = await this.#untilLost()
      this.channel = null
      if (signal.aborted) return
      this.#onLost()
      const pause = this.#pause * (0.5 + Math.random() / 2) // so that many services do not come back at the same moment
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS)
      console.warn(`${this.name}: not connected, again in ${(pause / 1000).toFixed(1)} s: ${reason.message}`)
      await sleep(pause, undefined, { signal }).catch(() => undefined) // only close() ends it early
    }
  }

  async #untilLost() {
    let connection = null
    const lost = new Promise((resolve) => (this.#lose = resolve))
    try {
      const clientProperties = { connection_name: this.name }
      connection = await this.#amqp.connect(this.#url, { clientProperties, timeout: CONNECT_MS })
      connection.on('error', this.#lose)
      connection.on('close', (error) => this.#lose(error ?? new Error('the connection was closed')))
      const failed = lost.then((error) => Promise.reject(error))
      this.channel = await Promise.race([this.#setUp(connection, this.#lose), failed])
      this.#wake()
      return await lost
    } catch (error) {
      return error
    } finally {
      await end(this.channel, connection)
    }
  }

  #wake() {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

async function end(channel, connection) {
  // The channel first: what it has still to send, such as acknowledgements, would come behind the connection's end.
  for (const part of [channel, connection]) {
    try {
      await Promise.race([part?.close(), sleep(CLOSE_MS, undefined, { ref: false })])
    } catch {
      continue // it is lost already: there is nothing to end
    }
  }
}
