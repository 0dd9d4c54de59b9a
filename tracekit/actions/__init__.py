"""What people do to a computer with its keyboard and pointer, as data: events, cursors, and views for training."""
