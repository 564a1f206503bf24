// Metrics of the service, served at /metrics in Prometheus text format.

import { createServer } from 'node:http'

const HELP = {
  motcua_agency_received_total: ['counter', 'Messages received, by event; a redelivered one counts again.'],
  motcua_agency_decided_total: ['counter', 'Decisions confirmed by the broker, by event.'],
  motcua_agency_ignored_total: ['counter', 'Messages without a handler.'],
  motcua_agency_unreadable_total: ['counter', 'Unreadable messages, dead-lettered.'],
  motcua_agency_failures_total: ['counter', 'Handler calls that raised or returned an invalid decision.'],
  motcua_agency_given_up_total: ['counter', 'Messages dead-lettered after the last attempt.'],
  motcua_agency_unconfirmed_total: ['counter', 'Decisions that were not confirmed and are sent again.'],
  motcua_agency_connections_lost_total: ['counter', 'Lost connections and failed connection attempts.'],
  motcua_agency_connected: ['gauge', '1 while the service receives messages.'],
  motcua_agency_waiting: ['gauge', 'Messages that wait for a retry.'],
  motcua_agency_waiting_for_papers: ['gauge', 'Of these, messages that wait until the platform gives the papers.'],
  motcua_agency_papers_unavailable_total: ['counter', 'Handler calls that ended because the platform gave no papers.'],
  motcua_agency_key_expires_timestamp_seconds: ['gauge', "When the agency's key ends, Unix time; 0 while not known."],
  motcua_agency_handler_seconds_sum: ['counter', 'Seconds spent in handlers.'],
  motcua_agency_handler_seconds_count: ['counter', 'Handler calls.'],
}
const LABELLED_BY_EVENT = ['motcua_agency_received_total', 'motcua_agency_decided_total']

/** Counters and gauges with at most one label, the event. Names are given without the prefix motcua_agency_. */
export class Metrics {
  #values = new Map(Object.keys(HELP).map((name) => [name, new Map(LABELLED_BY_EVENT.includes(name) ? [] : [['', 0]])]))

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
    for (const [name, [kind, help]] of Object.entries(HELP)) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
      for (const [event, value] of this.#values.get(name)) {
        lines.push(event ? `${name}{event="${event}"} ${value}` : `${name} ${value}`)
      }
    }
    return `${lines.join('\n')}\n`
  }

  /** Serves /metrics on a port; 0 for none. Returns the server, or null. */
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
