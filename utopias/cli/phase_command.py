"""``utopias phase``: which unit in which budget year, and what it costs to open one after the other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from utopias.cli.line import Line, groups_in
from utopias.cli.named import named, names_of
from utopias.cli.speech import Speech
from utopias.domain.budgets import EQUIP_SHARE, Budgets
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan

if TYPE_CHECKING:
    from utopias.domain.phases import Phases

STOPPED = 130


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.phase"))
    def phase(
        out: Annotated[Path, typer.Option(help=words.say("cli.phase.out"))],
        years: Annotated[str, typer.Option(help=words.say("cli.phase.years"))],
        budget_a_year: Annotated[str, typer.Option(help=words.say("cli.phase.budget-a-year"))],
        plan: Annotated[Path | None, typer.Argument(help=words.say("cli.phase.plan"))] = None,
        town: Annotated[Path | None, typer.Option(help=words.say("cli.phase.town"))] = None,
        open_: Annotated[int | None, typer.Option("--open", help=words.say("cli.phase.open"))] = None,
        works_a_year: Annotated[int | None, typer.Option(help=words.say("cli.phase.works-a-year"))] = None,
        carry_over: Annotated[bool, typer.Option("--carry-over", help=words.say("cli.phase.carry-over"))] = False,
        equip_share: Annotated[
            float, typer.Option(help=words.say("cli.phase.equip-share"), show_default="1/6")
        ] = EQUIP_SHARE,
        cost_each: Annotated[str | None, typer.Option(help=words.say("cli.phase.cost-each"))] = None,
        discount: Annotated[float, typer.Option(help=words.say("cli.phase.discount"))] = 0.0,
        aim: Annotated[str | None, typer.Option(help=words.say("cli.phase.aim"))] = None,
        for_: Annotated[str, typer.Option("--for", help=words.say("cli.site.for"))] = "all",
        within: Annotated[str, typer.Option(help=words.say("cli.option.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        forced: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forced"))] = None,
        forbidden: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forbidden"))] = None,
        time_limit: Annotated[str, typer.Option(help=words.say("cli.site.time-limit"))] = "2 min",
        seed: Annotated[int, typer.Option(help=words.say("cli.option.seed"))] = 7,
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.domain.folders import Claim
        from utopias.scenario.phasing import phase_saved, phase_town
        from utopias.scenario.question import Question, faults_of_line
        from utopias.siting.years.phase_faults import fault_of_phased_aim
        from utopias.territory.town_folder import read_town

        line = Line(words)
        line.tried(lambda: _must_be_one(plan, town, open_), None)
        budgets = line.tried(
            lambda: Budgets.of(
                years,
                budget_a_year,
                works_a_year=works_a_year,
                carry_over=carry_over,
                equip_share=equip_share,
                discount=discount,
                cost_each=cost_each,
            ),
            None,
        )
        asked = None if aim is None else line.aim(aim)
        if (
            asked is not None
            and "unknown-aim" not in {one.code for one in line.faults}
            and (wrong := fault_of_phased_aim(asked)) is not None
        ):
            line.faults.append(wrong)
        limit = line.time(time_limit, "--time-limit")
        question = Question(
            group=for_ if town is None else line.group(for_, groups_in(town)),
            aim="cover-most" if asked is None else asked,
            within=line.time(within, "--within"),
            open=open_,
            walker=line.walker(walker),
            forced=tuple(forced or ()),
            forbidden=tuple(forbidden or ()),
            time_limit=limit,
            seed=seed,
        )
        claim = line.tried(lambda: Claim(out, replace=replace, kind="phases.json"), None)
        line.faults += [
            one for one in faults_of_line(question, known=line.faults) if town is not None or one.code != "no-limit"
        ]
        line.done()
        assert budgets is not None
        assert claim is not None
        with speech.working() as progress:
            progress("reading", 0.0)
            if town is not None:
                found = phase_town(read_town(town), question, budgets, progress=progress)
            else:
                assert plan is not None
                found = phase_saved(Plan.load(plan), budgets, aim=asked, time_limit=limit, seed=seed, progress=progress)
            claim.write(lambda over: found.save(out, replace=over))
        if json:
            speech.answer(phases_json(found))
        else:
            show_phases(found, speech)
            speech.say("cli.phase.saved", folder=str(out))
        if found.stopped == "user":
            speech.whisper("cli.site.interrupted", folder=str(out))
            raise typer.Exit(STOPPED)


def _must_be_one(plan: Path | None, town: Path | None, open_: int | None) -> None:
    faults = []
    if (plan is None) == (town is None):
        faults.append(
            Fault(
                "plan-or-town",
                "either a plan, whose sites are put in order, or --town, to choose the sites too",
                "PLAN, --town",
                "give one of the two",
            )
        )
    elif town is not None and open_ is None:
        faults.append(Fault("no-number", "a schedule needs an exact number of sites", "open", "say --open 100"))
    elif plan is not None and open_ is not None:
        faults.append(
            Fault(
                "plan-and-number", "a plan brings its own number of sites", "--open", "leave out --open, or give --town"
            )
        )
    if faults:
        raise ProblemError(faults)


def phases_json(found: "Phases") -> dict[str, Any]:
    """The schedule, the years and the regret as plain values."""
    from dataclasses import asdict

    table = found.table
    people = found.people
    return {
        "aim": found.aim,
        "within_minutes": None if found.within is None else found.within.minutes,
        "open": found.open,
        "ordered_only": found.ordered,
        "budgets": asdict(found.budgets),
        "value": found.value,
        "bound": found.bound,
        "root_bound": found.root_bound,
        "gap": found.gap,
        "proven": found.proven,
        "stopped": found.stopped,
        "seconds": found.seconds,
        "seed": found.seed,
        "schedule": found.schedule.drop(columns="site").to_dict(orient="records"),
        "years": [
            {**row, "people": None if people is None else people[k]}
            for k, row in enumerate(table.drop(columns="people").to_dict(orient="records"))
        ],
        "regret": asdict(found.regret),
        "certificate": None if found.certificate is None else asdict(found.certificate),
    }


def show_phases(found: "Phases", speech: Speech) -> None:
    """The table year by year, the sites of each year, the bound, the regret, and what was taken as so."""
    from utopias.report.years import assumed, certain, everybody

    words, study, budgets = speech.words, found.study, found.budgets
    town = {} if study is None else study.town
    if town.get("made_up"):
        speech.say("cli.made-up")
    currency = str(town.get("currency") or "")
    minutes = "" if found.within is None else words.minutes(found.within.minutes)
    speech.say(
        "cli.phase.title-ordered" if found.ordered else "cli.phase.title",
        town=str(town.get("name") or ""),
        sites=len(found.sites),
        first=str(budgets.years[0]),  # a year is no count: no comma
        last=str(budgets.years[-1]),
    )
    all_people = everybody(found)
    rows = []
    for row in found.table.to_dict(orient="records"):
        people = float(row["people"])
        rows.append(
            [
                str(row["year"]),
                words.number(row["works"]),
                words.money(row["works_money"], currency, short=True),
                words.number(row["equipment"]),
                words.money(row["equip_money"], currency, short=True),
                words.money(row["left"], currency, short=True),
                words.number(row["open"]),
                words.number(people),
                words.percent(people / all_people, 1) if all_people else "–",
            ]
        )
    heads = ("year", "works", "works-money", "equipped", "equip-money", "left", "open-units", "people-within", "of-all")
    told = [words.say(f"cli.head.{head}") for head in heads]
    title = words.say("cli.phase.table", minutes=minutes)
    if speech.is_wide:
        speech.table(title, told, rows)
    else:  # the people of each year, then its money: nine columns in one row would be told one by one
        for name, columns in ((title, (0, 1, 3, 6, 7, 8)), (words.say("cli.phase.table-money"), (0, 2, 4, 5))):
            speech.table(name, [told[i] for i in columns], [[row[i] for i in columns] for row in rows])
    _show_sites(found, speech)
    for sentence in (*certain(found, words), *assumed(found, words)):
        speech.out.print(sentence, markup=False)


def _show_sites(found: "Phases", speech: Speech) -> None:
    words, schedule, known = speech.words, found.schedule, names_of(found.study)
    rows = []
    for year, of_year in schedule.groupby("works", sort=True):
        names = "; ".join(named(key, known.get(key)) for key in of_year["place_id"].astype(str))
        rows.append([str(year), str(int(str(year)) + 1), names])
    speech.table(
        words.say("cli.phase.sites"),
        [words.say(f"cli.head.{head}") for head in ("works-of", "opens-in", "sites-of-year")],
        rows,
        texts=3,
    )
