// A few numbers about the service, at /metrics in Prometheus' text format.

import { createServer } from 'node:http'

const HELP = {
  motcua_agency_received_total: ['counter', 'Messages received, by kind of event; a redelivered one counts again.'],
  motcua_agency_decided_total: ['counter', 'Decisions that the broker has confirmed, by kind.'],
  motcua_agency_ignored_total: ['counter', 'Messages of a kind that has no handler.'],
  motcua_agency_unreadable_total: ['counter', 'Messages that cannot be read, given to the dead letters.'],
  motcua_agency_failures_total: ['counter', 'Calls of a handler that ended in an exception or a wrong decision.'],
  motcua_agency_given_up_total: ['counter', 'Messages given to the dead letters after the last failure.'],
  motcua_agency_unconfirmed_total: ['counter', 'Decisions that had to be sent again: refused, unroutable or lost.'],
  motcua_agency_connections_lost_total: ['counter', 'Lost connections and failed attempts to connect.'],
  motcua_agency_connected: ['gauge', '1 while steps are received.'],
  motcua_agency_waiting: ['gauge', 'Messages that wait for another attempt.'],
  motcua_agency_handler_seconds_sum: ['counter', 'Seconds spent in handlers.'],
  motcua_agency_handler_seconds_count: ['counter', 'Calls of handlers.'],
}
const LABELLED = ['motcua_agency_received_total', 'motcua_agency_decided_total']

export class Metrics {
  #values = new Map(Object.keys(HELP).map((name) => [name, new Map(LABELLED.includes(name) ? [] : [['', 0]])]))

  add(name, amount = 1, event = '') {
    const values = this.#values.get(`motcua_agency_${name}`)
    values.set(event, (values.get(event) ?? 0) + amount)
  }

  set(name, value) {
    this.#values.get(`motcua_agency_${name}`).set('', value)
  }

  value(name, event = '') {
    return this.#values.get(`motcua_agency_${name}`).get(event) ?? 0
  }

  text() {
    const lines = []
    for (const [name, [kind, meaning]] of Object.entries(HELP)) {
      lines.push(`# HELP ${name} ${meaning}`, `# TYPE ${name} ${kind}`)
      for (const [event, value] of this.#values.get(name)) {
        lines.push(event ? `${name}{event="${event}"} ${value}` : `${name} ${value}`)
      }
    }
    return `${lines.join('\n')}\n`
  }

  /** Answers /metrics on a port; 0 for none. Returns the server, or null. */
  async serve(port) {
    if (port === 0) return null
    const server = createServer((request, response) => {
      const found = request.url.split('?')[0] === '/metrics'
      response.writeHead(found ? 200 : 404, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(found ? this.text() : 'not found\n')
    })
    await new Promise((resolve, reject) => server.once('error', reject).listen(port, resolve))
    return server
  }
}
