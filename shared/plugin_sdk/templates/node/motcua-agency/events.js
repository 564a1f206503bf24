// The events that the platform sends to an agency, read from CloudEvents 1.0 in JSON.

import { randomUUID } from 'node:crypto'

/** Short names of the events that are addressed to an agency. */
export const HANDLED_EVENTS = ['step.assigned', 'step.cancelled', 'decision.rejected']
const TYPE = /^vn\.motcua\.agency\.(.+)\.v1$/

/** The bytes are not an event of the platform, or a field that its type requires is missing or malformed. */
export class UnreadableMessage extends Error {}

/**
 * Reads a message. Returns all fields of the event's data, with `event` (its short name), `eventId` and, for a step, `papers()` and
 * `readDossier()`; null for a type of event that this SDK does not know. details(task) reads a dossier from the platform.
 */
export function parseEvent(body, details = noDetails) {
  let envelope
  try {
    envelope = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new UnreadableMessage(error.message)
  }
  const { type, id, data } = envelope ?? {}
  check(typeof type === 'string' && isText(id), 'type and id must be texts')
  check(data !== null && typeof data === 'object' && !Array.isArray(data), 'data must be an object')
  const event = TYPE.exec(type)?.[1]
  if (!HANDLED_EVENTS.includes(event)) return null
  check(isText(data.dossier) && isText(data.task), 'dossier and task must be texts')
  if (event !== 'step.assigned') return Object.freeze({ ...data, event, eventId: id })
  check(Array.isArray(data.outcomes) && data.outcomes.every(isText), 'outcomes must be a list of texts')
  return Object.freeze({ ...data, event, eventId: id, ...readers(() => details(data.task)) })
}

const readers = (readDossier) => ({ readDossier, papers: async () => (await readDossier()).papers })

/**
 * A step for an agency's own tests. changes: fields of the event that differ; papers: what papers() resolves to; details: what
 * readDossier() resolves to, by default only the papers.
 */
export function exampleStep(changes = {}, papers = undefined, details = undefined) {
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
  const found = details ?? (papers && { dossier: data.dossier, papers })
  return parseEvent(Buffer.from(JSON.stringify(event)), found ? async () => found : noDetails)
}

const isText = (value) => typeof value === 'string' && value !== ''

function check(condition, message) {
  if (!condition) throw new UnreadableMessage(message)
}

async function noDetails() {
  throw new Error('this step was not received from the platform: pass what it shall give to exampleStep(changes, papers, details)')
}
