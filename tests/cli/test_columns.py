"""Tables on narrow screens: no column vanishes, no number is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from utopias.cli.speech import Speech
from utopias.language.words import Words

HEADS = ["site", "only here", "without it", "stand-in", "with the change", "proven"]
ROWS = [
    [
        "Made-up plot 3, Meadows of the Hollow Stone",
        "11,079",
        "6.0",
        "Made-up plot 1, Accordion Meadows",
        "MXN 11.6 M",
        "in",
    ]
]


def told(width: int) -> str:
    out = Console(file=io.StringIO(), width=width)
    Speech(Words("en"), out=out, err=out).table("Chosen", HEADS, ROWS)
    return out.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_every_number_and_every_word_is_there_at_any_width(width: int) -> None:
    said = told(width)
    assert all(len(line) <= width for line in said.splitlines())
    assert "…" not in said
    for whole in ("11,079", "6.0", "MXN 11.6 M"):
        assert any(whole in line for line in said.splitlines()), whole
    words = " ".join((*HEADS[1:], ROWS[0][0], ROWS[0][3])).split()
    assert all(word in said for word in words)


def test_a_table_is_a_table_at_80_columns_and_told_by_row_at_40() -> None:
    assert "only here:" not in told(80)
    assert "    only here: 11,079" in told(40)
