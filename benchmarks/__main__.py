"""`make bench-access`, `make bench-siting`: the benches of this folder, each with rows by name.

    python -m benchmarks [access|siting] [ROW ...] [--list|--little|--peers-slow] [--rounds N] [--json FILE] [--into PAGE]

Without a name: both, one after the other. What they print stands in manual/measured.md.
"""

from __future__ import annotations

import sys

from benchmarks.command import main as run
from benchmarks.rows import bench_of

BENCHES = ("siting", "access")


def main(asked: list[str]) -> int:
    """Run the bench that was named, or all of them; the worst code."""
    if asked and not asked[0].startswith("-"):
        if asked[0] not in BENCHES:
            raise SystemExit(f"no such bench: {asked[0]}. There are: {', '.join(BENCHES)}")
        return run(bench_of(asked[0]), asked[1:])
    return max(run(bench_of(name), asked) for name in BENCHES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
