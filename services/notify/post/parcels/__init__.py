"""Parcels: results and papers that the post carries, and papers that it fetches at home; their tracking until they have arrived."""
