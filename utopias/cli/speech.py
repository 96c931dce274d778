"""How the command line speaks: results to stdout, progress and faults to stderr, in the reader's language."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from utopias.cli.columns import fitted
from utopias.domain.errors import Fault
from utopias.domain.progress import Progress as Report
from utopias.domain.sentences import Sentence
from utopias.language.sentences import sentence
from utopias.language.words import Words

_OF_IDS = ("unknown-group", "unknown-service", "unknown-must-have")  # faults whose mend lists ids


@dataclass(frozen=True)
class Speech:
    """One conversation: its words, whether it answers in JSON, and where it writes."""

    words: Words
    out: Console = field(default_factory=lambda: _console(sys.stdout))
    err: Console = field(default_factory=lambda: _console(sys.stderr))

    def say(self, key: str, **values: Any) -> None:
        """One sentence of the result."""
        self.out.print(self.words.say(key, **values), markup=False)

    def whisper(self, key: str, **values: Any) -> None:
        """One sentence about the work, not the result."""
        self.err.print(self.words.say(key, **values), markup=False, style="dim")

    def remark(self, sentence: str) -> None:
        """A whole sentence about the work: what was taken as so."""
        self.err.print(f"· {sentence}", markup=False, style="dim")

    def complain(self, faults: tuple[Fault, ...]) -> None:
        """All faults, then how many there were."""
        for fault in map(self.told, faults):
            first = self.words.say("cli.fault.first", first=fault.first) if fault.first else ""
            self.err.print(f"[{fault.code}] {fault.what}", markup=False)
            if fault.where:
                inside = f" ({first})" if first else ""
                self.err.print(f"    {self.words.say('cli.fault.where')} {fault.where}{inside}", markup=False)
            elif first:
                self.err.print(f"    {first}", markup=False)
            if fault.mend:
                self.err.print(f"    {self.words.say('cli.fault.mend')} {fault.mend}", markup=False)
        self.err.print(self.words.plural("cli.faults", len(faults)), markup=False, style="bold red")

    def told(self, fault: Fault) -> Fault:
        """The fault with its sentences in the reader's language."""
        language = self.words.language
        return replace(
            fault,
            what=sentence(fault.what, language),
            where=sentence(fault.where, language),
            mend=sentence(self._explained(fault), language),
            first=sentence(fault.first, language),
        )

    def _explained(self, fault: Fault) -> str:
        """The mend; ids of groups and services that it lists stand with their label, since they are typed in English."""
        mend = fault.mend
        if (
            self.words.language == "en"
            or fault.code not in _OF_IDS
            or not isinstance(mend, Sentence)
            or "listed" not in mend.values
        ):
            return mend
        ids = str(mend.values["listed"]).split(", ")
        labels = [self.words.group(key, {}) for key in ids]
        told = [key if key == label.lower() else f"{key} ({label})" for key, label in zip(ids, labels, strict=True)]
        return Sentence(mend.template, **{**mend.values, "listed": ", ".join(told)})

    def table(self, title: str, heads: list[str], rows: list[list[str]], *, texts: int | Collection[int] = 1) -> None:
        """A table: the first ``texts`` columns, or those named, text; the others numbers to the right.

        Its title stands on its own line: inside the table it would fold at the table's width, not the screen's.
        """
        names = set(range(texts)) if isinstance(texts, int) else set(texts)
        widths = fitted(heads, rows, names, self.out.width)
        if widths is None:
            self._by_row(title, heads, rows)
            return
        self.out.print(title, markup=False, style="bold")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for i, (head, width) in enumerate(zip(heads, widths, strict=True)):
            justify: Literal["left", "right"] = "left" if i in names else "right"
            table.add_column(head, justify=justify, style="" if i else "bold", width=width)
        for row in rows:
            table.add_row(*row)
        self.out.print(table)

    def _by_row(self, title: str, heads: list[str], rows: list[list[str]]) -> None:
        """A table too wide for the screen: each row by itself, a line for each of its numbers."""
        self.out.print(title, markup=False, style="bold")
        for name, *rest in rows:
            self.out.print(name, markup=False, style="bold")
            for head, text in zip(heads[1:], rest, strict=True):
                self.out.print(f"    {head}: {text}", markup=False)

    @property
    def is_wide(self) -> bool:
        """Whether a row of nine numbers fits beside its name."""
        return self.out.width >= 110

    def answer(self, data: dict[str, Any]) -> None:
        """The whole result as one JSON object."""
        self.out.print_json(json.dumps(data, ensure_ascii=False, allow_nan=False), indent=1, highlight=False)

    @contextmanager
    def working(self) -> Iterator[Report]:
        """Give a progress call; stages are named in the reader's language as they come.

        On a terminal a bar moves; elsewhere one line is written when a stage begins and ends.
        """
        from utopias.compiled.kernel import heard_by

        with heard_by(self._compiling), self._shown() as report:
            yield report

    def _compiling(self, kernel: str, seconds: float) -> None:
        self.whisper("cli.compiling", kernel=kernel, seconds=self.words.number(max(1.0, seconds)))

    @contextmanager
    def _shown(self) -> Iterator[Report]:
        started = time.perf_counter()
        if not self.err.is_terminal:
            last = [""]

            def line(stage: str, _: float) -> None:
                if stage != last[0]:
                    last[0] = stage
                    self.err.print(f"{time.perf_counter() - started:6.1f} s  {self._stage(stage)}", markup=False)

            yield line
            return
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
        with Progress(*columns, console=self.err, transient=False) as bars:
            tasks: dict[str, Any] = {}

            def bar(stage: str, share: float) -> None:
                if stage not in tasks:
                    for other in tasks.values():
                        bars.update(other, completed=1.0)
                        bars.stop_task(other)
                    tasks[stage] = bars.add_task(self._stage(stage), total=1.0)
                bars.update(tasks[stage], completed=min(share, 1.0))

            yield bar
            for task in tasks.values():
                bars.update(task, completed=1.0)

    def _stage(self, stage: str) -> str:
        # A stage without words shows its code: long work is not lost for want of a word.
        return self.words.say(f"stage.{stage}") if f"stage.{stage}" in self.words else stage


class _Screen(Console):
    """A console whose reader may leave (``| head -1``): the command goes on, silent, and ends as it would have."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def _console(file: TextIO) -> Console:
    """A console; what is no terminal (a pipe, a file) is 120 columns wide, so that tables keep their
    rows and a sentence its line; on a terminal sentences break between words.
    """
    probe = Console(file=file)
    return _Screen(
        file=file, highlight=False, soft_wrap=not probe.is_terminal, width=None if probe.is_terminal else 120
    )
