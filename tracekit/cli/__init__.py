"""The commands: parse, call, print. One file a noun."""
