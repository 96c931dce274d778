"""Where machine code is kept between runs, and under which name.

A name holds a hash of all the code is made of: the kernel and those it calls, its signature, the
versions of Python and numba, and this machine's processor. A file that is found is therefore never
out of date, whatever the clock or the package manager did to the sources; and one cut short is told
by its own hash and made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from utopias.domain.folders import own_folder

FORMAT = 1  # of the files; a new one leaves older files unread
_HASH = 32  # bytes of sha256 before the code


def folders(source: str) -> list[Path]:
    """Where code of the file ``source`` may lie, best first: NUMBA_CACHE_DIR alone where it is set."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return [Path(named)]
    return [Path(source).parent / "__pycache__", own_folder()]


def read(source: str, name: str) -> bytes | None:
    """The code kept under ``name``; None where there is none that is whole."""
    for folder in folders(source):
        try:
            found = (folder / name).read_bytes()
        except OSError:
            continue
        if hashlib.sha256(found[_HASH:]).digest() == found[:_HASH]:
            return found[_HASH:]
    return None


def find(source: str, name: str) -> Path | None:
    """The folder in which code is kept under ``name``."""
    return next((folder for folder in folders(source) if (folder / name).is_file()), None)


def write(source: str, name: str, code: bytes) -> Path | None:
    """Keep ``code`` in the first folder that lets us; None where none does: it is then made again next time."""
    for folder in folders(source):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
                file.write(hashlib.sha256(code).digest() + code)
        except OSError:
            continue
        try:
            os.replace(file.name, folder / name)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(file.name)
            continue
        return folder
    return None


def content(function: FunctionType, seen: tuple[FunctionType, ...] = ()) -> str:
    """Everything that makes a function what it is, as text: its lines, the constants and the functions it uses."""
    told = [_code(function.__code__), repr(function.__defaults__)]
    for cell, name in zip(function.__closure__ or (), function.__code__.co_freevars, strict=True):
        told.append(_value(name, cell.cell_contents, (*seen, function)))
    for name in sorted(_names(function.__code__)):
        if name in function.__globals__:
            told.append(_value(name, function.__globals__[name], (*seen, function)))
    return "\n".join(told)


def name_of(function: FunctionType, *more: object) -> str:
    """The file name for a function's code; ``more`` is what else decides what the code is."""
    told = (FORMAT, sys.version_info[:2], versions(), processor(), content(function), *more)
    key = hashlib.sha256(repr(told).encode()).hexdigest()[:24]
    return f"{function.__module__}.{function.__qualname__}-{key}".replace("<", "").replace(">", "")


@cache
def versions() -> tuple[str, ...]:
    """Of what makes the code; numba's is read from its files, since loading it is what we are here to avoid."""
    import llvmlite

    found = find_spec("numba")
    home = Path(found.origin).parent if found is not None and found.origin else None
    said = home / "_version.py" if home is not None else None
    return llvmlite.__version__, said.read_text(encoding="utf-8") if said is not None and said.is_file() else str(home)


@cache
def processor() -> str:
    """This machine's processor and its features: code for another one may not run here."""
    import llvmlite.binding as llvm

    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def _names(code: CodeType) -> set[str]:
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _code(code: CodeType) -> str:
    """The lines of a function as written, and what this process took from them: the file may have changed since."""
    lines = _lines(code.co_filename)
    last = max(line or 0 for _, _, line in code.co_lines())
    plain = [const for const in code.co_consts if not isinstance(const, CodeType)]  # code is shown with its address
    return "\n".join([*lines[code.co_firstlineno - 1 : last], repr((plain, code.co_names)), code.co_code.hex()])


@cache
def _lines(source: str) -> list[str]:
    try:
        return Path(source).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _value(name: str, value: Any, seen: tuple[FunctionType, ...]) -> str:
    inner = getattr(value, "py_func", value)
    if isinstance(inner, FunctionType):
        return f"{name}: {name if inner in seen else content(inner, seen)}"
    return f"{name} = {value!r}" if isinstance(value, (bool, int, float, str, tuple, np.generic)) else name
