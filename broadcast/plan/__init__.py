"""Decides what happens to each target (pure).

Values in, values out: no files, no clock, no requests.
"""
