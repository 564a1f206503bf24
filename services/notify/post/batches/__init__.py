"""Print batches: the letters of an agency up to a cut-off time, with their manifest, until the post has them."""
