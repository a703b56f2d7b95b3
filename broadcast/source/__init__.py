"""Read the checkout: the files of HEAD, byte for byte; write files in the workspace.

Never runs git, never follows a symlink, never asks GitHub.
"""
