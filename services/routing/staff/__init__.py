"""Who works where: officials, leave and substitution, the duty roster of leaders at the centres."""
