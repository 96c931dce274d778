"""What a report is made of, before anybody decides whether it becomes a page or a print.

Sections of blocks that already hold worded sentences. Both writers draw these very nouns,
so that the PDF and the web page cannot say different numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Align: TypeAlias = Literal["left", "right"]
Tone: TypeAlias = Literal["plain", "lead", "note", "warning", "credit"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences in one voice: the lead is the largest, a warning is framed, a credit is small."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Points:
    """Short rows under each other: a name in bold (or none) and its sentence."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of worded cells. The first column names the row.

    head : names with their unit. note : what the reader must know to read it, with unit, date, source.
    emphasis : positions of rows that stand out (totals).
    """

    id: str
    caption: str
    head: tuple[str, ...]
    align: tuple[Align, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    emphasis: tuple[int, ...] = ()


def numbers(count: int) -> tuple[Align, ...]:
    """A first column of names, then ``count`` of numbers."""
    right: Align = "right"
    return ("left", *(right for _ in range(count)))


@dataclass(frozen=True, slots=True)
class Swatch:
    """One line of a legend: a small drawing and what it stands for."""

    svg: str
    label: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with words for those who do not see it, and what it is made of."""

    id: str
    svg: str
    alt: str
    title: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures side by side, where there is room; one legend and one credit for all."""

    figures: tuple[Figure, ...]
    legend: tuple[Swatch, ...] = ()
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A framed statement: what it is about, the answer, and what stands behind it."""

    title: str
    answer: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Statements side by side, of equal weight."""

    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question people ask, a short answer, and the section that says more."""

    question: str
    answer: str
    section: str


@dataclass(frozen=True, slots=True)
class Questions:
    """All of them, each with the page of its section."""

    rows: tuple[Question, ...]
    page_word: str


@dataclass(frozen=True, slots=True)
class Card:
    """One place: its number on the map, its name, and what there is to say of it."""

    number: str
    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """Places under each other, none broken over two pages."""

    cards: tuple[Card, ...]


Block: TypeAlias = Paragraph | Points | Table | Figures | Boxes | Questions | Cards


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (none on the first page) and what stands under it. ``fresh``: begins a page in print."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report, worded.

    kicker : small line over the title. mark : stands on every page (made-up data), empty where none.
    foot : left side of every page's foot. page_of : "page {n} of {all}" with these two places.
    """

    language: str
    title: str
    kicker: str
    subtitle: str
    description: str
    mark: str
    foot: str
    page_of: str
    contents_word: str
    skip_word: str
    sections: tuple[Section, ...]
