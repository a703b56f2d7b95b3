import sys

from broadcast.action import main

sys.exit(main())
