"""Files that people upload: what they are by their content, and whether a virus is in them."""
