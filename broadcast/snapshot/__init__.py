"""Builds what a target should hold: path to mode and blob id.

Reads the checkout; knows nothing of what the target holds now.
"""
