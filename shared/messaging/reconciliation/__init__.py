"""Reconciliation: each publisher finds out whether each subscriber has all events, and sends again what it lacks.

A broker confirms an event when it is in the queues that are bound at that moment, so an event is lost for a subscriber whose binding or
queue was deleted, or when the embedded bus file is. Therefore:

1. The publisher (`windows`) puts the events that it has published into *windows*, one for each subscriber and at most `MOST_EVENTS` events.
   A few seconds later it sends the subscriber a summary of the window: the id, type, key and sequence of each event.
2. The subscriber (`checks`) compares the summary with its inbox and answers which events it lacks. It keeps their places in the retry
   queue, so that later events of their keys wait for them.
3. The publisher deletes the window if nothing is missing; otherwise it sends the missing events again, in order and to this subscriber
   alone, and later the summary again. It repeats the summary, less and less often, until the subscriber has confirmed the window.

The messages (`messages`) go through the outbox and straight to the other service's queue, without a binding. Any of them may be lost or
repeated. When nothing was published, nothing is sent.
"""
