"""Reads the targets through the API, and compares them with their snapshots.

Writes nothing at GitHub.
"""
