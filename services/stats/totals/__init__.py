"""Totals: how many dossiers, payments, messages and so on each day has at each place, so that no question counts facts.

A fact contributes to totals: a dossier that was received counts 1 under `received`, on the local day of its receipt, at its place. A
*place* is the receiving agency, the handling agency, the field, the procedure and the channel, each "" while it is unknown. The
transaction that changes a fact changes the totals by the difference between what the row contributes after and before (`writing.py`); so a
repeated event changes nothing, and facts that were known only in part move when more is known. A measure of a moment, such as
`in_progress`, is a flow too: +1 on the day on which a dossier enters, -1 on the day on which it leaves; its number is the sum of all days
until then.

Contributions are appended first (`writing.py`). Thousands of them together are folded into cells (`folding.py`): for days and for blocks
of 8, 64 and 512 days (`spans.py`), so that any period is the sum of few of them, and at several levels of detail (`places.py`), so that
questions without a filter read few cells. The key of a cell is numbers, not codes (`codes.py`). `reading.py` sums the cells and what is not
folded yet.

To add a subject (rows of a table of facts that are counted):

1. In a module of `services/stats/facts/`, write the pure functions ``merge(row, data) -> row`` of its events, and define its
   :class:`~services.stats.facts.rows.Subject`: the table, the total, ``contributions(row)`` (day, part of the key, column and number) and
   ``place(row, place of its dossier)``. Name the column with the code of its dossier in `dossier_column` if it takes its place (and index
   that column): when the dossier's place changes, its contributions move too.
2. Add the subject to :data:`services.stats.facts.subjects.FAMILY`, and its events to :data:`services.stats.facts.changes.CHANGES`: their
   handler and the rows that a batch reads at once follow from it.
3. Counted by kind and part: `events` in `tables.py` has a number and an amount for each, no table is needed. A measure of dossiers: add a
   line to :data:`~services.stats.facts.dossier_measures.MEASURES` and its column to the migration.
4. Read it with :class:`~services.stats.totals.reading.Reader`. `motcua stats verify` recounts every registered subject by itself.
"""
