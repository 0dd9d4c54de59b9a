"""Filters: which clips stay in the data set, and why the others do not."""
