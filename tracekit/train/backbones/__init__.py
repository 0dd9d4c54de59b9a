"""The video models that are trained: plug-ins of the kind ``backbones``."""
