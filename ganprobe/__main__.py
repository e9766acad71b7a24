"""``python -m ganprobe``."""

import sys

from ganprobe.cli import main

if __name__ == "__main__":
    sys.exit(main())
