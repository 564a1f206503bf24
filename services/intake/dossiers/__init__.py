"""Dossiers (hồ sơ): their states, history, place and due time; the staff's view and a desk's worklist."""
