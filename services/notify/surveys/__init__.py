"""Invitations to surveys: one for each person, where their number or e-mail address tells that it is the same one."""
