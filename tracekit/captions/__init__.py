"""Captions of clips, in the three tiers of the paper: semantic, regular, detailed."""
