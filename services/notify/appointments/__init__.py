"""Appointments: what a citizen is told who has booked a visit to a one-stop desk."""
