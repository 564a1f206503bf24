// The Node kit without a broker. KIT is the folder of a scaffold.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const kit = (name) => import(pathToFileURL(`${process.env.KIT}/motcua-agency/${name}.js`))
const { Agency, InvalidDecision, Unreadable, accepted, completed, exampleStep, later, needsSupplement, obligation, returned } =
  await kit('index')
const { answer, read } = await kit('events')
const { PapersRefused, PapersUnavailable, fetchPapers } = await kit('papers')
const { Metrics } = await kit('metrics')
const { readSettings } = await kit('settings')

const bytes = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const assigned = (data) => bytes({ id: '1', type: 'vn.motcua.agency.step.assigned.v1', data })

test('what can never be handled is unreadable', () => {
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
  for (const body of bad) assert.throws(() => read(body), Unreadable)
})

test('unknown fields are kept, unknown types ignored', () => {
  assert.equal(read(assigned({ dossier: 'D', task: 'T', outcomes: [], priority: 3 })).priority, 3)
  assert.equal(read(bytes({ id: '1', type: 'vn.motcua.agency.step.audited.v1', data: {} })), null)
  assert.equal(read(bytes({ id: '1', type: 'vn.motcua.agency.step.assigned.v2', data: {} })), null)
})

test('what the platform would not take cannot be said', () => {
  const calls = [
    () => completed(''),
    () => completed('x'.repeat(201)),
    () => completed('completed', { note: 'x'.repeat(4001) }),
    () => returned(' '),
    () => needsSupplement('Thiếu', []),
    () => obligation('obligation', 0.5),
    () => obligation('obligation', 2 ** 53),
    () => later(0),
    () => later(1201),
  ]
  for (const call of calls) assert.throws(call, RangeError)
})

test('a step needs a decision with one of its outcomes', async () => {
  for (const said of [undefined, 'completed', completed('approved')]) {
    const agency = new Agency().on('step.assigned', () => said)
    await assert.rejects(agency.decide(exampleStep()), InvalidDecision)
  }
  const agency = new Agency().on('step.assigned', (step) => obligation(step.obligation_outcome, 5))
  assert.equal((await agency.decide(exampleStep({ obligation_outcome: 'tax' }))).fields.amount, 5)
  assert.throws(() => agency.on('step.assigned', () => accepted()), RangeError)
  assert.throws(() => agency.on('step.done', () => accepted()), RangeError)
})

test('settings say everything that is wrong and never the password', () => {
  const broken = { MOTCUA_AMQP_URL: 'amp://u:secret@h/', MOTCUA_PREFETCH: 'many' }
  assert.throws(() => readSettings(broken), (error) => {
    for (const name of ['MOTCUA_AGENCY', 'MOTCUA_AMQP_URL', 'MOTCUA_PREFETCH']) assert.ok(error.message.includes(name))
    return !error.message.includes('secret')
  })
})

test('papers are asked for with the token, and refusals are told apart', async () => {
  const asked = []
  let status = 200
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization])
    response.writeHead(status).end(JSON.stringify({ dossier: 'D', papers: [{ code: 'c', name: 'Hợp đồng', new: 1 }] }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${server.address().port}`
  try {
    assert.deepEqual(await fetchPapers(`${address}/`, 't', 'T/1'), [{ code: 'c', name: 'Hợp đồng', kind: '', copies: 1 }])
    assert.deepEqual(asked, [['/intake/api/agency/steps/T%2F1/papers', 'Bearer t']])
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

test('answers, for the contract on the other side of the wire', () => {
  const decisions = [
    accepted(),
    completed('completed', { note: 'Đủ điều kiện', by: 'cb-0417' }),
    returned('Không thuộc địa bàn'),
    needsSupplement('Thiếu giấy tờ', 'Hợp đồng đã công chứng'),
    obligation('obligation', 12_500_000),
  ]
  const step = { ...exampleStep(), eventId: process.env.EVENT_ID }
  for (const decision of decisions) {
    const { routingKey, body } = answer('H12.14.01', step, decision)
    console.log(`ANSWER ${routingKey} ${body}`)
  }
})
