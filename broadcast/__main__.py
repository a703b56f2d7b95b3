"""`python -P -m broadcast`; without -P, Python looks for modules in the current directory first, the checkout's own."""

import sys
from pathlib import Path

if not sys.flags.safe_path:
    sys.path[:] = [path for path in sys.path if path not in ("", str(Path.cwd()))]

from broadcast.cli import main  # after that, for the checkout's yaml.py is not to be taken for PyYAML

sys.exit(main())
