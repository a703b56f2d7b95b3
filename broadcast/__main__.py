"""`python -P -m broadcast`; without -P, Python looks for modules in the current directory first, the checkout's own."""

import os
import sys

if not sys.flags.safe_path:
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]

from broadcast.cli import main  # noqa: E402  the checkout's yaml.py is not to be taken for PyYAML

sys.exit(main())
