"""The ledger of money (sổ cái): append-only, double entry. Whatever comes in, goes out or is put right is one balanced posting."""
