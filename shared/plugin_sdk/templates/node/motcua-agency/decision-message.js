// An agency's decision as a message: a CloudEvent 1.0 in JSON with its id and routing key.

import { createHash } from 'node:crypto'

export const CONTENT_TYPE = 'application/cloudevents+json'
const NAMESPACE_URL = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex')
const NO_SEQUENCE = '0'.repeat(16) // agencies do not number their events

/** Encodes a decision. Its id is derived from the event's id, so that the platform recognises a repeated decision. */
export function encodeDecision(code, event, decision) {
  const now = new Date().toISOString()
  const id = uuid5(`${event.eventId}/${decision.event}`)
  const type = `vn.motcua.agency.${decision.event}.v1`
  const envelope = {
    specversion: '1.0',
    id,
    source: `/agency/${code}`,
    type,
    time: now,
    datacontenttype: 'application/json',
    partitionkey: event.dossier,
    sequence: NO_SEQUENCE,
    data: {
      dossier: event.dossier,
      task: event.task,
      agency: code,
      in_reply_to: event.eventId,
      decided_at: now,
      by: decision.by,
      note: decision.note,
      ...decision.fields,
    },
  }
  const body = Buffer.from(JSON.stringify(envelope))
  return { id, type, event: decision.event, routingKey: `agency.${code}.${decision.event}`, dossier: event.dossier, body }
}

function uuid5(name) {
  const hash = createHash('sha1').update(NAMESPACE_URL).update(name).digest().subarray(0, 16)
  hash[6] = (hash[6] & 0x0f) | 0x50
  hash[8] = (hash[8] & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
