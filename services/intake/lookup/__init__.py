"""The public look-up (tra cứu): code and secret of the receipt open a dossier's progress. :mod:`.throttle` slows guessing."""
