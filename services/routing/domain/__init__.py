"""The rules of routing, pure: they know neither web nor store nor bus.

- process.py, route_walk.py: the effects of completing a step. states.py: the allowed changes of state of steps and dossiers.
- clock.py, waiting.py: which time is counted. measures.py: due time and lateness, by the law and by the index.
- supplement.py, extension.py, refusal.py, withdrawal.py, correction.py: one rule of the law each; rules.py: what they share.
- handover.py, control_sheet.py, acknowledgement.py: the process control sheet (form 06).
- warnings.py: which reminders are due, and to whom. settings.py: its thresholds.
- step_permissions.py, absence.py, duty_roster.py: who may do a step.
"""
