"""Who drives a desktop: each a plug-in of the kind ``policies``."""
