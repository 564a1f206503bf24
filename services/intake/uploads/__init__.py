"""Files that citizens upload with a draft: checked by their content, kept by the storage, deleted with the draft."""
