"""Writes one target: branch, commit, pull request and its labels and people.

Carries out a plan; never changes one.
"""
