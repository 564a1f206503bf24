// An AMQP connection with one channel that reconnects whenever it is lost.

import { setTimeout as sleep } from 'node:timers/promises'

import { PRODUCT, VERSION } from './version.js'

const FIRST_BACKOFF_MS = 500
const MAX_BACKOFF_MS = 30_000
const HEARTBEAT_SECONDS = 20
const CONNECT_MS = 5_000
const CLOSE_MS = 3_000

export class Connection {
  #amqp
  #url
  #openChannel
  #onLost
  #backoff = FIRST_BACKOFF_MS
  #closing = new AbortController()
  #ended = null
  #waiters = []
  #lose = () => undefined

  /** openChannel(connection, onClose) opens the channel; onLost() is called after each loss and failed attempt. */
  constructor(amqp, url, name, openChannel, onLost) {
    const address = new URL(url)
    if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', HEARTBEAT_SECONDS)
    this.#amqp = amqp
    this.#url = address.href
    this.#openChannel = openChannel
    this.#onLost = onLost
    this.name = name
    this.channel = null
  }

  /** Connects, and reconnects whenever the connection is lost, until close(). */
  keepOpen() {
    this.#ended = this.#reconnectUntilClosed()
    return this.#ended
  }

  /** Waits for the current or next channel; null if the connection is closed for good. */
  async whenOpen() {
    while (this.channel === null && !this.#closing.signal.aborted) {
      await new Promise((resolve) => this.#waiters.push(resolve))
    }
    return this.channel
  }

  /** Call it when the channel is in use: the first pause after the next loss is short again. */
  resetBackoff() {
    this.#backoff = FIRST_BACKOFF_MS
  }

  /** Closes the current connection and opens another. */
  reconnect(reason) {
    this.#lose(new Error(reason))
  }

  /** Closes the connection for good. */
  async close() {
    this.#closing.abort()
    this.reconnect('closed')
    this.#wake()
    await this.#ended
  }

  async #reconnectUntilClosed() {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const reason = await this.#untilLost()
      this.channel = null
      if (signal.aborted) return
      this.#onLost()
      const pause = this.#backoff * (0.5 + Math.random() / 2) // so that many services do not reconnect at the same moment
      this.#backoff = Math.min(2 * this.#backoff, MAX_BACKOFF_MS)
      console.warn(`${this.name}: not connected, next attempt in ${(pause / 1000).toFixed(1)} s: ${reason.message}`)
      await sleep(pause, undefined, { signal }).catch(() => undefined) // only close() ends it early
    }
  }

  async #untilLost() {
    let connection = null
    const lost = new Promise((resolve) => (this.#lose = resolve))
    try {
      const clientProperties = { connection_name: this.name, product: PRODUCT, version: VERSION }
      connection = await this.#amqp.connect(this.#url, { clientProperties, timeout: CONNECT_MS })
      connection.on('error', this.#lose)
      connection.on('close', (error) => this.#lose(error ?? new Error('the connection was closed')))
      const failed = lost.then((error) => Promise.reject(error))
      this.channel = await Promise.race([this.#openChannel(connection, this.#lose), failed])
      this.#wake()
      return await lost
    } catch (error) {
      return error
    } finally {
      await closeBoth(this.channel, connection)
    }
  }

  #wake() {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

/** Calls onClose(error) when the channel fails or is closed, and marks it as closed. */
export function watchChannel(channel, onClose) {
  channel.on('error', onClose)
  channel.on('close', () => {
    channel.isClosed = true
    onClose(new Error('the channel was closed'))
  })
}

async function closeBoth(channel, connection) {
  // The channel first, so that it sends its last acknowledgements before the connection ends.
  for (const part of [channel, connection]) {
    try {
      await Promise.race([part?.close(), sleep(CLOSE_MS, undefined, { ref: false })])
    } catch {
      continue // already lost, nothing to close
    }
  }
}
