"""How actions reach a video model (Neural Computers, section 3.2): plug-ins of the kind ``injections``."""
