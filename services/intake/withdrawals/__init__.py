"""Withdrawals (rút hồ sơ): the citizen takes a dossier back before its result."""
