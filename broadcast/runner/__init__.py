"""The process around a run: inputs, event, log commands, signals.

Only this wing reads the environment or speaks the runner's protocol.
"""
