"""`python -m rag` is the same as `clippings`."""

import sys

from rag.cli import main

sys.exit(main())
