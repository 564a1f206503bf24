"""Devices: tablets at the counters on which visitors rate; they work offline for a day and deliver later."""
