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
const { suspectPause } = await load('consumer')
const { PapersNotYet, PapersRefused, PapersUnavailable } = await load('papers')
const { PlatformClient } = await load('platform-client')
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

const KEY_ENDS = new Date(Date.now() + 29 * 86_400_000).toISOString()
const DETAILS = {
  dossier: 'D',
  case: 'default',
  papers: [{ code: 'c', name: 'Hợp đồng', kept: true, new: 1 }],
  applicant: { name: 'Nguyễn Thị Bưởi', phone: '0912345678' },
  since_v2: 'unknown',
}
const ok = (content) => ({ status: 200, content })

/** Runs a platform that gives `papers` in turn to the tokens that it has given; replies to requests for tokens come from `tokens`. */
async function withPlatform({ papers = [ok(DETAILS)], tokens = [], environment = {} }, use) {
  const platform = { papers, tokens, valid: new Set(), requests: [] }
  const answerTo = ({ method, url, headers }) => {
    if (method === 'POST') {
      platform.requests.push(`token ${Buffer.from(headers.authorization.split(' ')[1], 'base64')}`)
      if (platform.tokens.length > 0) return platform.tokens.shift()
      const token = `token-${platform.requests.length}`
      platform.valid.add(token)
      return ok({ access_token: token, token_type: 'Bearer', expires_in: 3600, key_expires_at: KEY_ENDS })
    }
    platform.requests.push(decodeURIComponent(url))
    if (!platform.valid.has(headers.authorization?.replace('Bearer ', ''))) return { status: 401, content: {} }
    return platform.papers.length > 1 ? platform.papers.shift() : platform.papers[0]
  }
  const server = createServer(async (request, response) => {
    let form = ''
    for await (const chunk of request) form += chunk
    if (request.method === 'POST') assert.equal(`${request.url} ${form}`, '/routing/oauth/token grant_type=client_credentials')
    const { status, content, headers = {} } = answerTo(request)
    if (status === 0) request.socket.destroy()
    else response.writeHead(status, headers).end(typeof content === 'string' ? content : JSON.stringify(content ?? {}))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  platform.url = `http://127.0.0.1:${server.address().port}`
  const settings = { code: 'H12.14.01', url: `${platform.url}/`, token: '', clientSecret: 'bí/mật', ...environment }
  platform.metrics = new Metrics()
  platform.client = new PlatformClient(settings, platform.metrics)
  try {
    await use(platform)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test('a dossier is read with a token of the agency, with all that the platform tells', () =>
  withPlatform({}, async ({ client, requests, metrics, valid }) => {
    const paper = { code: 'c', name: 'Hợp đồng', kind: '', copies: 1, form: '', kept: true, given_back_at: null, new: 1 }
    const empty = { procedure: '', received_at: null, representative: null, co_applicants: [] }
    assert.deepEqual(await client.readDossier('T/1'), { ...DETAILS, ...empty, papers: [paper] })
    await client.readDossier('T-2')
    const papers = (task) => `/intake/api/agency/steps/${task}/papers`
    assert.deepEqual(requests, [`token agency.H12.14.01:${encodeURIComponent('bí/mật')}`, papers('T/1'), papers('T-2')])
    assert.equal(metrics.value('key_expires_timestamp_seconds'), Date.parse(KEY_ENDS) / 1000)
    valid.clear() // as after a change of the platform's signing key
    await client.readDossier('T-3')
    assert.equal(requests.filter((request) => request.startsWith('token')).length, 2)
  }))

test('refused papers, papers that are not known yet, and no papers now are different errors', async () => {
  for (const status of [403, 404, 409, 410]) {
    await withPlatform({ papers: [{ status }] }, ({ client }) => assert.rejects(client.readDossier('T'), PapersRefused))
  }
  const notYet = { status: 503, content: { code: 'step_not_yet_known' }, headers: { 'Retry-After': '2' } }
  await withPlatform({ papers: [notYet, ok(DETAILS)] }, async ({ client }) => {
    await assert.rejects(client.readDossier('T'), (error) => error instanceof PapersNotYet && error.retryAfter === 2)
    assert.equal((await client.readDossier('T')).dossier, 'D')
  })
  const bad = [{ dossier: 'D' }, { dossier: 'D', papers: [{ code: 1 }] }, 'null', '<html>'].map(ok)
  for (const reply of [...[0, 400, 429, 500, 502, 503].map((status) => ({ status })), ...bad]) {
    await withPlatform({ papers: [reply] }, ({ client }) =>
      assert.rejects(client.readDossier('T'), (error) => error instanceof PapersUnavailable && !(error instanceof PapersNotYet)))
  }
})

test('without a token that the platform accepts, papers are asked later, and not for every step', async () => {
  const refused = { status: 401, content: { error: 'invalid_client' } }
  await withPlatform({ tokens: [refused] }, async ({ client, requests }) => {
    const explained = (error) => error instanceof PapersUnavailable && /ended, is revoked/.test(error.message)
    await assert.rejects(client.readDossier('T'), (error) => explained(error) && !error.message.includes('mật'))
    await assert.rejects(client.readDossier('T'), (error) => explained(error) && /asked again in 5 s/.test(error.message))
    assert.equal(requests.length, 1)
  })
  for (const reply of [ok('<html>'), ok({ access_token: 't' }), { status: 429, headers: { 'Retry-After': '7' } }, { status: 0 }]) {
    await withPlatform({ tokens: [reply] }, ({ client }) => assert.rejects(client.readDossier('T'), PapersUnavailable))
  }
  for (const environment of [{ token: 'expired' }, { clientSecret: '' }, { url: '' }, { url: `http://127.0.0.1:${process.env.PORT}` }]) {
    await withPlatform({ environment }, ({ client }) => assert.rejects(client.readDossier('T'), PapersUnavailable))
  }
  await withPlatform({ environment: { token: 'given' } }, async ({ client, valid, requests }) => {
    valid.add('given')
    await client.readDossier('T')
    assert.equal(requests.length, 1)
  })
})

test('no token follows a redirect', () =>
  withPlatform({}, async (elsewhere) => {
    const reply = { status: 302, headers: { Location: `${elsewhere.url}/stolen` } }
    await withPlatform({ papers: [reply] }, ({ client }) => assert.rejects(client.readDossier('T'), PapersUnavailable))
    assert.deepEqual(elsewhere.requests, [])
  }))

test('a step may have no time when it is due', async () => {
  const step = exampleStep({ due_at: null }, undefined, { dossier: 'D', papers: [], applicant: { name: 'An' } })
  assert.equal(step.due_at, null)
  assert.equal((await step.readDossier()).applicant.name, 'An')
  assert.deepEqual(await step.papers(), [])
  await assert.rejects(exampleStep().papers(), /not received from the platform/)
})

test('only a message that came often waits, and never long', () => {
  for (const headers of [{}, { 'x-delivery-count': 3 }, { 'x-delivery-count': 'many' }]) assert.equal(suspectPause(headers), 0)
  for (const [count, longest] of [[4, 2], [5, 4], [9, 60], [1e6, 60]]) {
    const pauses = Array.from({ length: 200 }, () => suspectPause({ 'x-delivery-count': count }))
    assert.ok(Math.max(...pauses) > longest / 2 && Math.max(...pauses) <= longest && Math.min(...pauses) < longest / 2)
  }
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
