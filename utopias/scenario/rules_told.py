"""By which rules the people of a table of times walked, as assumptions: read from its notes, with no network at hand."""

from __future__ import annotations

from collections.abc import Mapping

from utopias.domain.findings import Assumption

USUAL_SLOPE = "tobler"


def rules_told(notes: Mapping[str, str | float]) -> list[Assumption]:
    """What the notes of a table say of profile, rule of slopes and darkness, as assumptions; those usual go unsaid.

    Codes: ``profile`` (a walker who minds more than length and slope), ``slope-rule`` (another than Tobler's, where any
    rise is known), ``after-dark`` (how much is dark, and of how many stretches nobody knows).
    """
    found = []
    edges = float(notes.get("edges", 0.0))
    pays = {name.removeprefix("pays_"): value for name, value in notes.items() if name.startswith("pays_")}
    if pays:
        known = {name: notes[f"{name}_known"] for name in ("surface", "sidewalk", "ramps")}
        values: dict[str, object] = {"walker": str(notes.get("walker", "")), "factors": pays, "known_share": known}
        found.append(Assumption("profile", values))
    if "slope" in notes and notes["slope"] != USUAL_SLOPE and float(notes.get("rise_known", 0.0)) > 0:
        found.append(Assumption("slope-rule", {"rule": str(notes["slope"])}))
    if "after_dark" in notes:
        unknown = {name: round(edges * (1.0 - float(notes[f"{name}_known"]))) for name in ("lit", "surface")}
        dark = {
            "factor": notes["after_dark"],
            "dark_share": notes["dark"],
            "edges": int(edges),
            "lit_unknown": unknown["lit"],
            "surface_unknown": unknown["surface"],
        }
        found.append(Assumption("after-dark", dark))
    return found
