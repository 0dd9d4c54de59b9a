"""Tapes: vhs scripts, read, written, made and run in a sandbox on a virtual clock."""
