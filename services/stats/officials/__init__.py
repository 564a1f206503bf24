"""Officials: what each did, counted for themselves alone.

The tables are no facts that are made from the archive: what single officials did is not archived, and a rebuild leaves it as it is.
"""
