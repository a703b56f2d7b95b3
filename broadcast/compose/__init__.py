"""Files that source and target both own: the source's part of one is put into what the target has (pure).

Bytes in, bytes out; nothing here knows targets, pull requests or GitHub.
"""
