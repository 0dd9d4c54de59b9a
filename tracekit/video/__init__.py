"""Video: constant-rate H.264 in which a repeated picture costs nothing, its oracle, and how to read it back."""
