"""Events that notify could not apply and that wait for a person: messages about these dossiers may be missing."""
