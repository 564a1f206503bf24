"""The public look-up by code and secret."""
