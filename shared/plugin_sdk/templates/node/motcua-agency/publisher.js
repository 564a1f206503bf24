// Publishes decisions with publisher confirms.

import { CONTENT_TYPE } from './decision-message.js'
import { watchChannel } from './connection.js'
import { PRODUCT, VERSION } from './version.js'

const EXCHANGE = 'motcua.agencies'
const CONFIRM_MS = 30_000
const CONNECT_MS = 5_000

/** The broker has not confirmed a message in time. */
export class ConfirmTimeout extends Error {}

/** Opens a channel with publisher confirms. onClose(error) is called when it is closed. */
export async function openConfirmChannel(connection, onClose) {
  const channel = await connection.createConfirmChannel()
  watchChannel(channel, onClose)
  channel.unroutable = new Set()
  // The broker sends a confirm after this, as if a queue had received the message.
  channel.on('return', ({ properties }) => channel.unroutable.add(properties.messageId))
  return channel
}

/** Publishes a message of decision-message.js; resolves when the broker has confirmed it. */
export function publish(channel, message, user) {
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
    const timeout = setTimeout(() => reject(new ConfirmTimeout(`no confirm within ${CONFIRM_MS / 1000} s`)), CONFIRM_MS)
    channel.publish(EXCHANGE, message.routingKey, message.body, properties, (error) => {
      clearTimeout(timeout)
      if (error) reject(error)
      else if (channel.unroutable.delete(message.id)) reject(new Error('the platform has no queue for it'))
      else resolve()
    })
  })
}

/** Connects, publishes one message, waits for its confirm and disconnects. */
export async function publishOnce(amqp, url, message) {
  const connection = await amqp.connect(url, { clientProperties: { product: PRODUCT, version: VERSION }, timeout: CONNECT_MS })
  try {
    connection.on('error', () => undefined) // publish() rejects with the reason
    const channel = await openConfirmChannel(connection, () => undefined)
    await publish(channel, message, accountOf(url))
  } finally {
    await connection.close()
  }
}

/** The broker account in an AMQP URL. */
export function accountOf(url) {
  return decodeURIComponent(new URL(url).username)
}
