"""A narrow screen: no column of a table is lost, the names least of all."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from utopias.cli.speech import Speech
from utopias.language.words import Words

HEADS = ["predio", "solo aquí", "lo reemplaza", "con cambio", "demostrado"]
ROW = ["Lote del Sosiego (S007)", "34,199", "Lote imaginario 2, Cerro del Comal de Abajo", "1,557", "dentro"]


def printed(width: int) -> str:
    """The table as a screen of ``width`` columns shows it."""
    file = io.StringIO()
    Speech(Words("es"), out=Console(file=file, width=width, highlight=False)).table("Elegidos", HEADS, [ROW])
    return file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_head_and_every_value_is_on_the_screen_whatever_its_width(width: int) -> None:
    said = printed(width).split()
    assert "…" not in " ".join(said)
    for text in [*HEADS[1:], *ROW]:
        assert all(word.rstrip(":;") in [one.rstrip(":;") for one in said] for word in text.split())  # words may fold
        assert width < 120 or text in " ".join(said)  # where there is room nothing folds
    assert max(map(len, printed(width).splitlines())) <= width


def test_a_table_that_fits_stays_a_table() -> None:
    assert printed(120).splitlines()[1].split() == [
        "predio",
        "solo",
        "aquí",
        "lo",
        "reemplaza",
        "con",
        "cambio",
        "demostrado",
    ]
    assert printed(40).splitlines()[1] == ROW[0]
