"""Samples and the shards that hold them."""
