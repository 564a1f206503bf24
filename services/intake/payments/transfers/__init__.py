"""Fees paid online are paid on to the accounts of the agencies that they are for, in time (NĐ 118/2025, article 24.3)."""
