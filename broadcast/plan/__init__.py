"""Decides what happens to each target (pure).

Values in, values out: no file, no clock, no question to GitHub.
"""
