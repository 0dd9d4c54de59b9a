"""A labelled set for the finders of secrets and personal data, made from a seed: templates, and values drawn by lot.

``values`` and ``people`` draw what must be found, ``harmless`` what must not, ``showing`` has the ways in which text
comes to stand on a terminal, ``planting`` puts cases into real recordings, and ``judging`` says what was found of them.
Nobody's data is in it.
"""
