"""``make bench-siting``: what the siting engine proves, and how soon; ``python -m benchmarks siting`` is the same."""

from __future__ import annotations

import sys

from benchmarks.command import main
from benchmarks.siting.rows import BENCH

if __name__ == "__main__":
    sys.exit(main(BENCH, sys.argv[1:]))
