"""Commands: each changes a dossier in one transaction, independent of HTTP. `authorised.py` checks access and then runs them."""
