"""Keeps files and directories of one repository in step with many others, one pull request per target."""

import gc

__version__ = "1.0.0.dev0"

# Modules and snapshots live to the end of the process; looking through them again and again frees nothing.
gc.set_threshold(50_000)
