"""Scores: of pictures, of the text and the cursor in them, and of data sets. What takes two videos takes a `Pair`."""
