"""`python -P -m broadcast`; without -P, Python looks for modules in the current directory first, the checkout's own."""

import os
import signal
import sys

# Until the program is loaded and has handlers of its own, Ctrl-C ends it in one line, too.
signal.signal(signal.SIGINT, lambda *_: (os.write(2, b"Stopped by SIGINT\n"), os._exit(130)))

if not sys.flags.safe_path:
    del sys.path[0]

from broadcast.cli import main  # noqa: E402  after that, for the checkout's yaml.py is not to be taken for PyYAML

sys.exit(main())
