"""What tapes are about: families of generated sessions, each a plug-in of the kind ``families``."""
