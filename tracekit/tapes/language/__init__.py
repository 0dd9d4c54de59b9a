"""The language of vhs: what a tape says, read, checked and written."""
