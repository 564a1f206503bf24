"""Events between the five services: each takes effect once per subscriber, in order per dossier.

- Envelope: `event`; who sent it: `sender_identity`.
- One transaction for state and messages: `outbox`, `inbox`, `tables`. These modules are below `shared.persistence`; those below use it.
- Moving events: `relay` (outbox to broker), `worker` and `apply` (broker to handlers), `lease` (one process at a time).
- Failures: `retry_queue` (handler errors: retried in order, as `retry_policy` says, then parked for a person: `parked_events`),
  `missing_events` (published, but not arrived), `poison_messages` (workers died with it), `relay.UnroutableTopics` (no queue takes it),
  `port.PublishResult` (the broker refuses it), `errors`.
- Transports: `port` is the interface, `rabbitmq` and `embedded` implement it, `transports` chooses one by URL.
- Exchanges and queues: `topology` names them, `entities` declares them with kombu.
"""
