"""The rules of routing, pure: they know neither web nor store nor bus.

- process.py, advance.py: what follows when a step is done. states.py: what a step and a dossier may become.
- clock.py, waiting.py: what time is counted. measures.py: when a dossier is due and whether in time, by the law and by the index.
- supplement.py, extension.py, refusal.py, withdrawal.py, correction.py: a rule of the law each; rules.py: what they share.
- handover.py, ledger.py, acknowledgement.py: the process control sheet (form 06).
- warnings.py: what is said about time, and to whom. practice.py: its thresholds.
- duties.py, absence.py, on_duty.py: who may do a step.
"""
