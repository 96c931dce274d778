"""The report of a plan as one call: what it still lacks of its findings is found first, then all of it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from utopias.domain.choices import Choices
from utopias.domain.closure import Closure
from utopias.domain.comparison import Comparison
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.trade_off import TradeOff
from utopias.report import document
from utopias.scenario.findings import findings


def write_report(
    plan: Plan,
    table: Comparison | None = None,
    *,
    to: str | Path,
    language: str = "es",
    trade_off: TradeOff | None = None,
    choices: Choices | None = None,
    closed: Sequence[Closure] = (),
    progress: Progress = silent,
) -> Path:
    """As ``report.document.write_report``; a plan of a town that carries no findings is given them from its own tables.

    So that ``plan = u.solve(...)`` can be handed on at once. For rates, prices or a land screening of one's own make
    the findings first: ``plan.with_(findings=u.findings(problem, plan, rates=...))``.

    Raises
    ------
    ProblemError : another suffix; a plan over bare costs, which has nobody to tell of.
    """
    if plan.findings is None and plan.study is not None:
        plan = plan.with_(findings=findings(None, plan))
    return document.write_report(
        plan, table, to=to, language=language, trade_off=trade_off, choices=choices, closed=closed, progress=progress
    )
