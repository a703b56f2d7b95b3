"""The checkout: what HEAD holds, byte for byte, and the files written beside it.

Never runs git, never follows a symlink, never asks GitHub.
"""
