"""Tasks: what is to be done on a desktop, written down once, drawn from a seed in thousands of variants."""
