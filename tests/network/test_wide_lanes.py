"""The wave of 64 is made of wide instructions: a changed integer type costs four times the time and no test of results sees it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

import utopias.network.lanes as lanes

# Compiles a copy of lanes.py in a process of its own, for labels of one type, and prints the instructions.
COMPILE = """
import importlib.util, sys
import numba
from utopias.compiled import types
from utopias.compiled.types import to_numba
spec = importlib.util.spec_from_file_location("lanes_copy", sys.argv[1])
copy = importlib.util.module_from_spec(spec)
sys.modules["lanes_copy"] = copy
spec.loader.exec_module(copy)
signature = to_numba(copy._signature(getattr(types, sys.argv[2]), types.int32))
(said,) = numba.njit(signature, nogil=True)(copy._wave).inspect_asm().values()
print(said)
"""


def without_wide_instructions() -> str:
    """Why this machine has none to look for; empty where it has."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return f"the instructions of {platform.machine()} have other names"
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    return "" if features.get("sse4.1") else "a least of 16-bit lanes needs SSE4.1, which this processor lacks"


pytestmark = pytest.mark.skipif(bool(without_wide_instructions()), reason=without_wide_instructions() or "none")


def compiled(source: str, label: str, folder: Path) -> str:
    copy = folder / "lanes_copy.py"
    copy.write_text(source, encoding="utf-8")
    where = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache")}  # its parts are made anew, too
    told = subprocess.run(
        [sys.executable, "-c", COMPILE, str(copy), label], capture_output=True, text=True, env=where, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def relaxes_widely(assembly: str) -> bool:
    """Whether some run of instructions without a jump adds and takes the least of packed 16-bit numbers."""
    runs = re.split(r"^[.\w$]+:.*$", assembly, flags=re.MULTILINE)
    return any(all(re.search(rf"^\s+v?{name}\s", run, re.MULTILINE) for name in ("pminuw", "paddw")) for run in runs)


@pytest.fixture(scope="module")
def source() -> str:
    return Path(lanes.__file__).read_text(encoding="utf-8")


def test_a_link_is_relaxed_for_all_lanes_by_wide_instructions(source: str, tmp_path: Path) -> None:
    assert relaxes_widely(compiled(source, "uint16", tmp_path))


@pytest.mark.parametrize(
    ("said", "falsified", "label"),
    [
        ("narrow = far.dtype.type  #", "narrow = np.int64  #", "uint16"),
        ("new = narrow(here[lane] + cost)", "new = here[lane] + cost", "uint16"),
        ("narrow = far.dtype.type  #", "narrow = far.dtype.type  #", "int64"),
    ],
    ids=["sums of 64 bits", "sums as wide as the compiler likes", "labels of 64 bits"],
)
def test_a_wider_integer_is_seen(source: str, tmp_path: Path, said: str, falsified: str, label: str) -> None:
    assert source.count(said) == 1
    assert not relaxes_widely(compiled(source.replace(said, falsified), label, tmp_path))
