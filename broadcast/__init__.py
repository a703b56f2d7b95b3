"""Keeps files and directories of one repository in step with many others, one pull request per target."""

import gc
import sys

__version__ = "1.0.0.dev0"

if sys.platform == "win32":  # here, before any module names a flag of open(2) that Windows lacks
    print(
        "Broadcast does not run on Windows: it opens files in ways that only Linux and macOS have. "
        "Use Linux, macOS or WSL",
        file=sys.stderr,
    )
    raise SystemExit(2)

# Modules and snapshots live to the end of the process; looking through them again and again frees nothing.
gc.set_threshold(50_000)
