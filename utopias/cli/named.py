"""How a place is called on the screen: by its name, with the id that the options take."""

from __future__ import annotations

from utopias.domain.plan import Plan
from utopias.domain.study import Study


def named(key: str, name: str | None) -> str:
    """``Juan Rulfo (school-801726)``; the id alone where there is no name, or where it is the id."""
    return f"{name} ({key})" if name and name != key else key


def names_of(of: Plan | Study | None) -> dict[str, str]:
    """The names of all places by id; empty where a plan carries no tables."""
    study = of.study if isinstance(of, Plan) else of
    if study is None:
        return {}
    places = study.places
    return dict(zip(places["place_id"].astype(str).tolist(), places["name"].astype(str).tolist(), strict=True))
