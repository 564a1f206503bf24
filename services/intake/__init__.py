"""Intake: the front door. Procedures, filing, fees, the result handed over, and the public's look-up."""
