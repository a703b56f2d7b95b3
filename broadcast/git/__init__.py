"""Read git's formats without git: objects, packs, index, attributes, patterns, paths.

Believes nothing that it hasn't hashed or bounded.
"""
