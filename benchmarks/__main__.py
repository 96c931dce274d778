"""`make bench`: every benchmark in turn, with the versions; what it prints stands in manual/measured.md.

    python -m benchmarks [siting|decision ...]
    python -m benchmarks access [ROW ...] [--list]

Ratios are of one run on one machine, equality of results checked first; load and versions are printed.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version

RIVALS = ("numpy", "numba", "scipy", "spopt", "highspy")


def main(asked: list[str]) -> int:
    """Run what was asked for, or everything but access, which has its own command; 1 where a result differed."""
    if asked[:1] == ["access"]:
        from benchmarks.access.__main__ import main as access

        return access(asked[1:])
    from benchmarks import bench_decision, bench_siting

    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(", ".join(f"{name} {version(name)}" for name in RIVALS))
    wrong = 0
    if not asked or "decision" in asked:
        print("\n## The main job")
        wrong += bench_decision.main()
    if not asked or "siting" in asked:
        print("\n## Siting")
        wrong += bench_siting.main(bench_siting.INSTANCES)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
