"""The catalogue of procedures: versions, publication, search."""
