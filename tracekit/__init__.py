"""Traces of computers being used, turned into training data for Neural Computers (arXiv 2604.06425)."""

__version__ = "0.1.0"
