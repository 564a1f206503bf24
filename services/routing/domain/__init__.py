"""The rules of routing, pure: they know neither web nor store nor bus.

process.py: what follows when a step is done. clock.py: what time is counted, and when a dossier is due or overdue.
states.py: what a step and a dossier may become. duties.py: who may do a step.
"""
