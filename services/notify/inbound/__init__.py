"""Inbound SMS: citizens look a dossier up, and stop or start messages by writing to the number of the one-stop centre."""
