"""Choosing from finished data sets: a new one made of their samples, and samples taken out, no video decoded."""
