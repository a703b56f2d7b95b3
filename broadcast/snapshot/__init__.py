"""Build the wanted content of a target: path to mode and blob id.

Reads the checkout; doesn't know the target's current content.
"""
