"""A prompt to type at, in this process: what was said on both streams, and the exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.toy import write_toy_files
from utopias.cli.__main__ import run

CRS = "EPSG:32614"


@dataclass(frozen=True)
class Said:
    """One command's answer."""

    code: int
    out: str
    err: str

    def must(self, code: int, *words: str) -> Said:
        """The exit code, and every word on stderr; nobody is ever shown a trace."""
        assert "Traceback" not in self.err + self.out
        assert self.code == code, f"exit {self.code}, not {code}:\n{self.err}"
        for word in words:
            assert word in self.err, f"{word!r} is not in:\n{self.err}"
        return self


class Prompt:
    """Types commands, in English unless told otherwise."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys = capsys
        self.folder = folder

    def __call__(self, *arguments: object, language: str = "en") -> Said:
        self._capsys.readouterr()
        code = run(["--language", language, *map(str, arguments)])
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def build(self, *more: object, change: dict[str, Callable[[Path], None]] | None = None, without: tuple[str, ...] = (), crs: str | None = CRS) -> Said:  # fmt: skip
        """Build the toy town into ``folder/town`` from its files, some of them changed first."""
        files = write_toy_files(self.folder / "raw")
        for name, spoil in (change or {}).items():
            spoil(files[name])
        typed: list[object] = ["build", "--into", self.town, "--name", "Juguete"]
        typed += [] if crs is None else ["--crs", crs]
        for name, path in files.items():
            typed += [] if name in without else [f"--{name}", path]
        return self(*typed, *more)

    @property
    def town(self) -> Path:
        return self.folder / "town"

    def leavings(self) -> list[str]:
        """What stands in the folder beside the raw files, hidden names too."""
        return sorted(path.name for path in self.folder.iterdir() if path.name != "raw")


def cell(column: str, value: str, *, row: int | None = None) -> Callable[[Path], None]:
    """A change to a CSV file: one cell, or the whole column."""

    def spoil(path: Path) -> None:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame.loc[slice(None) if row is None else row, column] = value
        frame.to_csv(path, index=False)

    return spoil


def text(change: Callable[[str], str | bytes]) -> Callable[[Path], None]:
    """A change to a file's text."""

    def spoil(path: Path) -> None:
        changed = change(path.read_text(encoding="utf-8"))
        path.write_bytes(changed if isinstance(changed, bytes) else changed.encode("utf-8"))

    return spoil
