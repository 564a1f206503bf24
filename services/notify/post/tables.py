"""The tables of the public post, for the migrations' metadata."""

from __future__ import annotations

from services.notify.post import numbers
from services.notify.post.batches import store as batches
from services.notify.post.letters import store as letters
from services.notify.post.parcels import store as parcels

TABLES = (numbers.numbers, letters.letters, batches.batches, parcels.parcels, parcels.tracking)
