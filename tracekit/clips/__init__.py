"""From a trace to its clips: idle time, cuts, replay, statistics."""
