import os
import signal
import sys

# From here on, as PID 1 of a container: there SIGTERM does nothing by itself, and what follows takes a moment to load.
for _number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(_number, lambda number, _frame: os._exit(128 + number))

from broadcast.action import main  # noqa: E402  that moment

sys.exit(main())
