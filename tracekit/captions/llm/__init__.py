"""Captions by a language model behind a server: prompts, requests, what comes back, and whether it may stand."""
