"""The bus: how the five services tell each other what happened, exactly once and in order per dossier.

`event` is the envelope, `outbox` and `inbox` make state and message one transaction, `relay` and `worker` move events, `rabbitmq` and
`embedded` are the two carriers behind the port in `port`, `topology` names the exchanges and queues once and
`entities` declares them with kombu.
"""
