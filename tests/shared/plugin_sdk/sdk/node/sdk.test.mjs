// The Node SDK without a broker. The variable SDK names the folder of a generated service.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const load = (name) => import(pathToFileURL(`${process.env.SDK}/motcua-agency/${name}.js`))
const {
  AgencyService,
  InvalidDecision,
  SettingsError,
  UnreadableMessage,
  accepted,
  completed,
  exampleStep,
  needsSupplement,
  obligation,
  retryLater,
  returned,
} = await load('index')
const { encodeDecision } = await load('decision-message')
const { parseEvent } = await load('events')
const { PapersRefused, PapersUnavailable, fetchPapers } = await load('papers')
const { Metrics } = await load('metrics')
const { readSettings } = await load('settings')

const bytes = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const assigned = (data) => bytes({ id: '1', type: 'vn.motcua.agency.step.assigned.v1', data })

test('messages that can never be handled are unreadable', () => {
  const bad = [
    Buffer.from([0x00, 0xff]),
    bytes('[]'),
    bytes('null'),
    bytes('{}'),
    bytes({ id: '1', type: 7, data: {} }),
    assigned([]),
    assigned({ dossier: 'D' }),
    assigned({ dossier: 'D', task: 'T', outcomes: 'completed' }),
  ]
  for (const body of bad) assert.throws(() => parseEvent(body), UnreadableMessage)
})

test('unknown fields are kept, unknown types are ignored', () => {
  assert.equal(parseEvent(assigned({ dossier: 'D', task: 'T', outcomes: [], priority: 3 })).priority, 3)
  assert.equal(parseEvent(bytes({ id: '1', type: 'vn.motcua.agency.step.audited.v1', data: {} })), null)
  assert.equal(parseEvent(bytes({ id: '1', type: 'vn.motcua.agency.step.assigned.v2', data: {} })), null)
})

test('decisions that the platform would reject cannot be made', () => {
  const calls = [
    () => completed(''),
    () => completed('x'.repeat(201)),
    () => completed('completed', { note: 'x'.repeat(4001) }),
    () => returned(' '),
    () => needsSupplement('Thiếu', []),
    () => obligation('obligation', 0.5),
    () => obligation('obligation', 2 ** 53),
    () => retryLater(0),
    () => retryLater(1201),
  ]
  for (const call of calls) assert.throws(call, RangeError)
})

test('a step needs a decision with one of its outcomes', async () => {
  for (const result of [undefined, 'completed', completed('approved')]) {
    const service = new AgencyService().on('step.assigned', () => result)
    await assert.rejects(service.decide(exampleStep()), InvalidDecision)
  }
  const service = new AgencyService().on('step.assigned', (step) => obligation(step.obligation_outcome, 5))
  assert.equal((await service.decide(exampleStep({ obligation_outcome: 'tax' }))).fields.amount, 5)
  assert.throws(() => service.on('step.assigned', () => accepted()), RangeError)
  assert.throws(() => service.on('step.done', () => accepted()), RangeError)
})

test('a settings error lists all faults and never the password', () => {
  const broken = { MOTCUA_AMQP_URL: 'amp://u:secret@h/', MOTCUA_PREFETCH: 'many' }
  assert.throws(() => readSettings(broken), (error) => {
    for (const name of ['MOTCUA_AGENCY', 'MOTCUA_AMQP_URL', 'MOTCUA_PREFETCH']) assert.ok(error.message.includes(name))
    return error instanceof SettingsError && !error.message.includes('secret')
  })
})

test('papers are fetched with the token; a refusal and a failure are different errors', async () => {
  const requests = []
  let status = 200
  const server = createServer((request, response) => {
    requests.push([request.url, request.headers.authorization])
    response.writeHead(status).end(JSON.stringify({ dossier: 'D', papers: [{ code: 'c', name: 'Hợp đồng', new: 1 }] }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${server.address().port}`
  try {
    assert.deepEqual(await fetchPapers(`${address}/`, 't', 'T/1'), [{ code: 'c', name: 'Hợp đồng', kind: '', copies: 1 }])
    assert.deepEqual(requests, [['/intake/api/agency/steps/T%2F1/papers', 'Bearer t']])
    status = 403
    await assert.rejects(fetchPapers(address, 't', 'T'), PapersRefused)
    status = 500
    await assert.rejects(fetchPapers(address, 't', 'T'), PapersUnavailable)
  } finally {
    server.close()
    server.closeAllConnections()
  }
  await assert.rejects(fetchPapers(address, 't', 'T'), PapersUnavailable)
})

test('metrics are served in Prometheus format', async () => {
  const metrics = new Metrics()
  metrics.add('decided_total', 2, 'step.completed')
  const server = await metrics.serve(Number(process.env.PORT))
  try {
    const text = await (await fetch(`http://127.0.0.1:${process.env.PORT}/metrics`)).text()
    assert.match(text, /^motcua_agency_decided_total\{event="step.completed"\} 2$/m)
    assert.match(text, /^motcua_agency_unreadable_total 0$/m)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('prints encoded decisions, for the Python test to check', () => {
  const decisions = [
    accepted(),
    completed('completed', { note: 'Đủ điều kiện', by: 'cb-0417' }),
    returned('Không thuộc địa bàn'),
    needsSupplement('Thiếu giấy tờ', 'Hợp đồng đã công chứng'),
    obligation('obligation', 12_500_000),
  ]
  const step = { ...exampleStep(), eventId: process.env.EVENT_ID }
  for (const decision of decisions) {
    const { routingKey, body } = encodeDecision('H12.14.01', step, decision)
    console.log(`DECISION ${routingKey} ${body}`)
  }
})
