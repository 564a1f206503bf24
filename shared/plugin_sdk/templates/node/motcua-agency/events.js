// What the platform tells an agency, and the agency's answers, as CloudEvents 1.0 in JSON.

import { createHash, randomUUID } from 'node:crypto'

export const CONTENT_TYPE = 'application/cloudevents+json'
export const KNOWN = ['step.assigned', 'step.cancelled', 'decision.rejected']
const TYPE = /^vn\.motcua\.agency\.(.+)\.v1$/
const NAMESPACE_URL = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex')
const NO_SEQUENCE = '0'.repeat(20) // agencies do not number their events

export class Unreadable extends Error {}

/**
 * Reads a message. Returns the event's fields under their own names (unknown ones too), with `event`, `eventId` and, for a step,
 * `papers()`; or null for a type of event that this kit does not know.
 */
export function read(body, papers = noPapers) {
  let envelope
  try {
    envelope = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new Unreadable(error.message)
  }
  const { type, id, data } = envelope ?? {}
  need(typeof type === 'string' && isText(id), 'type and id must be texts')
  need(data !== null && typeof data === 'object' && !Array.isArray(data), 'data must be an object')
  const event = TYPE.exec(type)?.[1]
  if (!KNOWN.includes(event)) return null
  need(isText(data.dossier) && isText(data.task), 'dossier and task must be texts')
  if (event !== 'step.assigned') return Object.freeze({ ...data, event, eventId: id })
  need(Array.isArray(data.outcomes) && data.outcomes.every(isText), 'outcomes must be a list of texts')
  return Object.freeze({ ...data, event, eventId: id, papers: () => papers(data.task) })
}

/** A step for an agency's own tests. changes: fields of the event that differ; papers: what papers() answers. */
export function exampleStep(changes = {}, papers = undefined) {
  const data = {
    dossier: 'H12.20-251120-0118',
    task: '0198f0a2-5a3c-7c11-8d60-0c6f2a8a2b11',
    step: 'assess',
    name: 'Thẩm định hồ sơ',
    agency: 'H12.14.01',
    official_role: 'officer',
    procedure: '1.012756',
    procedure_name: 'Đăng ký biến động quyền sử dụng đất',
    case: 'default',
    field: 'land',
    receiving_agency: 'H12.20',
    counted: true,
    assigned_at: '2025-11-20T10:00:00+07:00',
    due_at: '2025-11-21T10:00:00+07:00',
    outcomes: ['completed', 'refused'],
    obligation_outcome: null,
    wait_until: null,
    note: '',
    regulation: 'nd118-2025',
    ...changes,
  }
  const event = { id: randomUUID(), type: 'vn.motcua.agency.step.assigned.v1', data }
  return read(Buffer.from(JSON.stringify(event)), papers ? async () => papers : noPapers)
}

/** Puts a decision into its envelope; its id is derived from the event's, so that a repeated answer is known for the same. */
export function answer(code, notice, decision) {
  const now = new Date().toISOString()
  const id = uuid5(`${notice.eventId}/${decision.event}`)
  const type = `vn.motcua.agency.${decision.event}.v1`
  const envelope = {
    specversion: '1.0',
    id,
    source: `/agency/${code}`,
    type,
    time: now,
    datacontenttype: 'application/json',
    partitionkey: notice.dossier,
    sequence: NO_SEQUENCE,
    data: {
      dossier: notice.dossier,
      task: notice.task,
      agency: code,
      in_reply_to: notice.eventId,
      decided_at: now,
      by: decision.by,
      note: decision.note,
      ...decision.fields,
    },
  }
  const body = Buffer.from(JSON.stringify(envelope))
  return { id, type, event: decision.event, routingKey: `agency.${code}.${decision.event}`, dossier: notice.dossier, body }
}

function uuid5(name) {
  const hash = createHash('sha1').update(NAMESPACE_URL).update(name).digest().subarray(0, 16)
  hash[6] = (hash[6] & 0x0f) | 0x50
  hash[8] = (hash[8] & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const isText = (value) => typeof value === 'string' && value !== ''

function need(condition, what) {
  if (!condition) throw new Unreadable(what)
}

async function noPapers() {
  throw new Error('this step was not received from the platform: give exampleStep(changes, papers) what it shall answer')
}
