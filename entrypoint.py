import sys

from broadcast.start import action

sys.exit(action())
