"""Casts: recordings of terminals in asciinema's format, read, written and made."""
