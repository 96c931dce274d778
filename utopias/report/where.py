"""Where: each chosen site with what it gives, costs and takes, how firm it stands, and who was nearly chosen."""

from __future__ import annotations

from utopias.domain.findings import SiteFinding
from utopias.report.figures import Strip, key_svg, strips_svg
from utopias.report.first_page import map_credit, map_figure, map_legend
from utopias.report.maps import MapInk
from utopias.report.paper import Block, Card, Cards, Figure, Figures, Paragraph, Section, Swatch, Table
from utopias.report.telling import Telling

NEAREST = 15  # refused sites told by name, the smallest loss first; all of them stand in findings.json


def where(telling: Telling, ink: MapInk | None, *, share: str = "") -> Section:
    """The map with names, one line a site, then one card a site."""
    words, sites = telling.words, telling.findings.sites
    blocks: list[Block] = []
    if ink is not None:
        large = map_figure(telling, ink, "after", share=share, named=True)
        blocks.append(Figures((large,), map_legend(telling, ink), map_credit(telling)))
    if sites:
        blocks.append(sites_table(telling))
        blocks.append(Cards(tuple(_card(telling, str(k), site) for k, site in enumerate(sites, start=1))))
        blocks.extend(_firm(telling))
    else:
        blocks.append(Paragraph(words.say("sites.none")))
    return Section("sites", words.say("section.sites"), tuple(blocks), fresh=True)


def nearly(telling: Telling) -> Section:
    """Which sites were nearly chosen, and what the plan would lose by taking them."""
    words, refused = telling.words, telling.findings.refused
    if not refused:
        return Section("nearly", words.say("section.nearly"), (Paragraph(words.say("nearly.none"), "note"),))
    unit = telling.unit
    table = Table(
        "nearly",
        words.say("nearly.caption", n=min(NEAREST, len(refused)), all=len(refused)),
        (words.say("nearly.head.site"), words.say("nearly.head.loss", unit=unit)),
        ("left", "right"),
        tuple((_named(site.name, site.id), telling.amount(site.loss)) for site in refused[:NEAREST]),
        telling.credit("aim"),
    )
    return Section("nearly", words.say("section.nearly"), (Paragraph(words.say("nearly.intro")), table))


def site_money(telling: Telling, site: SiteFinding) -> str:
    """What opening it costs: low, central and high where the costs hold it, else the register's figure."""
    costs = telling.costs
    known = costs.per_site.get(site.id) if costs is not None else None
    if known is not None:
        return telling.money(known)
    if site.cost is not None and telling.currency:
        return telling.words.money(site.cost, telling.currency)
    return telling.words.say("money.not-known")


def chosen(telling: Telling, site: SiteFinding) -> str:
    """Chosen in n of 100, replaced near by in m; not known without draws."""
    robust, words = telling.plan.robustness, telling.words
    if robust is None or site.chosen_in is None or site.kept_in is None:
        return words.say("word.not-known")
    return words.say("sites.chosen", chosen=site.chosen_in, kept=site.kept_in, draws=robust.draws)


def _named(name: str, id: str) -> str:
    return name if name == id or not id else f"{name} ({id})"


def sites_table(telling: Telling) -> Table:
    words = telling.words
    near = telling.plan.robustness.near_metres if telling.plan.robustness else 400.0
    head = (
        words.say("sites.head.site"),
        words.say("sites.head.reached"),
        words.say("sites.head.only"),
        words.say("sites.head.cost"),
        words.say("sites.head.chosen", near=words.number(near)),
    )
    rows = tuple(
        (
            f"{k}. {site.name or site.id}",
            telling.count(site.reached),
            telling.count(site.only_here),
            _short_money(telling, site),
            chosen(telling, site),
        )
        for k, site in enumerate(telling.findings.sites, start=1)
    )
    return Table(
        "sites",
        words.say("sites.caption", people=telling.people, limit=telling.limit),
        head,
        ("left", "right", "right", "right", "right"),
        rows,
        telling.credit("persons"),
    )


def _short_money(telling: Telling, site: SiteFinding) -> str:
    costs, words = telling.costs, telling.words
    known = costs.per_site.get(site.id) if costs is not None else None
    if known is not None and costs is not None:
        return words.money(known.central, costs.currency, short=True)
    if site.cost is not None and telling.currency:
        return words.money(site.cost, telling.currency, short=True)
    return words.say("money.not-known")


def _card(telling: Telling, number: str, site: SiteFinding) -> Card:
    words = telling.words
    unit = telling.unit
    ground = [words.say("sites.area", area=words.number(site.area_m2)) if site.area_m2 is not None else ""]
    ground.append(words.say("sites.owner", owner=site.owner) if site.owner else "")
    rows = [
        (words.say("sites.row.place"), " · ".join(part for part in (site.id, *ground) if part)),
        (
            words.say("sites.row.gain"),
            words.say(
                "sites.gain",
                only=telling.count(site.only_here),
                reached=telling.count(site.reached),
                people=telling.people,
            ),
        ),
        (words.say("sites.row.cost"), site_money(telling, site)),
        (words.say("sites.row.firm"), chosen(telling, site)),
        (words.say("sites.row.falls"), _if_it_falls(telling, site, unit)),
        (words.say("sites.row.displaced"), _displaced(telling, site)),
    ]
    return Card(number, site.name or site.id, tuple(rows))


def _if_it_falls(telling: Telling, site: SiteFinding, unit: str) -> str:
    words = telling.words
    said = words.say("sites.falls", loss=telling.amount(site.loss), unit=unit)
    if not site.replacement or site.replacement_loss is None:
        return f"{said} {words.say('sites.no-replacement')}"
    better = words.say(
        "sites.replacement", name=telling.place(site.replacement), loss=telling.amount(site.replacement_loss), unit=unit
    )
    return f"{said} {better}"


def _displaced(telling: Telling, site: SiteFinding) -> str:
    words = telling.words
    if not site.displaced:
        return words.say("sites.displaces-nobody")
    if site.displaced_people is None:
        return words.say("sites.displaces-unknown", name=telling.place(site.displaced))
    return words.say("sites.displaces", name=telling.place(site.displaced), n=telling.count(site.displaced_people))


def _firm(telling: Telling) -> list[Block]:
    robust, words = telling.plan.robustness, telling.words
    if robust is None or robust.draws == 0:
        return []
    strips = [
        Strip(
            str(k),
            site.name or site.id,
            site.chosen_in / robust.draws,
            site.kept_in / robust.draws,
            f"{site.chosen_in} · {site.kept_in}",
        )
        for k, site in enumerate(telling.findings.sites, start=1)
        if site.chosen_in is not None and site.kept_in is not None
    ]
    if not strips:
        return []
    title = words.say("figure.robust.title", draws=robust.draws)
    alt = words.say("figure.robust.spoken", draws=robust.draws, rows="; ".join(f"{s.label}: {s.said}" for s in strips))
    figure = Figure("figure-robust", strips_svg(strips, title=title, description=alt, id="robust"), alt, title)
    legend = (
        Swatch(key_svg("chosen"), words.say("figure.robust.chosen")),
        Swatch(key_svg("near"), words.say("figure.robust.near", near=words.number(robust.near_metres))),
        Swatch(key_svg("track"), words.say("figure.robust.not")),
    )
    return [Figures((figure,), legend, telling.credit("draws"))]
