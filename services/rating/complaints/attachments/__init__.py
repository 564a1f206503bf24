"""Files of complaints: what a complainant or a clerk attaches, checked by content, kept by the storage, deleted with the complaint."""
