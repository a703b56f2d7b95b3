"""Parse broadcast.yml, and report every mistake with its place (pure).

Text in, values out.
"""
