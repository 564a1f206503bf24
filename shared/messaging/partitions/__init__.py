"""How many queues a service has at the broker, how its workers share them, and how their number changes while everything runs.

The truth about it is in the service's own database (`generations`): one row for each *generation* of queues. Events go to the newest one,
and workers consume the oldest that is not drained. Nobody else needs to know: who publishes addresses the service's entry exchange.

Changing the number (`change`):

1. The command writes a row for the next generation. From then on workers do the rest, whatever becomes of the command.
2. One worker declares the new queues and then binds them in place of the old ones. From then on the new queues get everything and nobody
   consumes them; the workers still consume the old ones.
3. It sends a *marker* straight to each old queue, behind everything that is in it. A queue delivers in order, to one consumer at a time,
   and the marker is written to the inbox after all that came before it. So when each marker is in the inbox, everything from the old
   queues is applied, or waits in the retry queue, where order is kept by key.
4. The old generation is marked as drained; the workers consume the new one; the old queues are deleted once nobody consumes them.

So an event of a key is applied before any later one of that key is taken from the new queues. No message is moved. Each step can be
repeated, by any worker, and no process takes a queue of a new generation before its row says so. A late message in an old queue, and any
other loss, is found by reconciliation, as always.

`sharing` divides the partitions among the service's worker processes.
"""
