"""``make bench-access``: access on foot, row by row, beside its peers; ``python -m benchmarks access`` is the same.

Ratios: processor seconds, one thread and one core each, medians of interleaved rounds. Absolute seconds: wall, two cores.
"""

from __future__ import annotations

import sys

from benchmarks.access.rows import BENCH
from benchmarks.command import main

if __name__ == "__main__":
    sys.exit(main(BENCH, sys.argv[1:]))
