"""The ground floor: the clock, events, errors, files and plug-ins. Imports nothing else of tracekit."""
