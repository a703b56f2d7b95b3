"""`python -P -m broadcast`; without -P, Python looks for modules in the current directory first, the checkout's own."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]

from broadcast.start import terminal  # after that, for the checkout's yaml.py is not to be taken for PyYAML

sys.exit(terminal())
