"""Appointments (đặt lịch hẹn): a citizen books a visit to a one-stop desk on the web, for a time slot."""
