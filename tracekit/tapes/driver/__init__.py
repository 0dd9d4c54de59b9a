"""Running a tape: what is pressed when, the agent in the sandbox, and the trace that comes of it."""
