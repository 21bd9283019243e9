"""`python -m rag` is the same as `clippings`."""

import sys

from rag.cli import main
from rag.ending import end_soon

sys.exit(end_soon(main()))
