"""Officials: who works for which agency, and what they did that citizens rate."""
