"""Terminals: the screen that output makes, and its picture."""
