"""Recordings that are not ours: grabbed from any display, or made elsewhere."""
