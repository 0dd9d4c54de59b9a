"""Desktops: opened in containers, driven by policies, recorded on one clock."""
