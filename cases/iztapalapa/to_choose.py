"""What a council asks after the first plan, by the commands a planner types: run after ``python -m cases.iztapalapa``.

    python -m cases.iztapalapa.to_choose --into iztapalapa

Need, services, 2035, the year of each unit, the curve between two aims, plans as good, and the report to choose from.
Writes plans/need, plans/five-more-equipped, plans/phased, curve/ and to-choose.pdf and .html, in about a minute.
"""

from __future__ import annotations

import argparse
import io
import os
import shlex
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from cases.spoken import asked_language, data_folder
from utopias.cli.__main__ import run

FOLDER = "iztapalapa"  # as the commands name it
PLAN = f"{FOLDER}/plans/five-more-all"
SERVICES = (
    "pool, workshops, music school, day house, rehabilitation, early stimulation, canteen, child room, health house, "
    "women's house"
)
# CONAPO, Iztapalapa, 2035 over 2024 (people/conapo_pob_00_14_alcaldias_2024_2035.csv). Its bands are 0-4, 5-9 and 10-14:
# 0 to 5 is the first and a fifth of the second, 6 to 14 four fifths of the second and the third. Manual: "In 2035".
LATER = "2035: children 0-5=0.75, children 6-14=0.68"
COMMANDS = (
    f"utopias site {FOLDER}/town --open 5 --weigh-by need --out {FOLDER}/plans/need",
    f"utopias compare {PLAN} {FOLDER}/plans/need",
    f"utopias equip {FOLDER}/town --open 5 --budget 500000000 --upkeep 120000000 --plot-area 10000 "
    f'--services "{SERVICES}" --out {FOLDER}/plans/five-more-equipped',
    f'utopias stand {PLAN} --later "{LATER}"',
    f"utopias draw {PLAN} --stops $DATA/transit/cdmx_gtfs_2022.zip",
    f"utopias phase {PLAN} --years 2027-2030 --budget-a-year 400M --cost-each 180M --out {FOLDER}/plans/phased",
    f"utopias trade-off {FOLDER}/town --open 5 --between cover-most,smallest-worst --out {FOLDER}/curve",
    f"utopias why {PLAN}",
    f"utopias alternatives {PLAN}",
    f"utopias report {PLAN} --trade-off {FOLDER}/curve --to {FOLDER}/to-choose.pdf --to {FOLDER}/to-choose.html",
)


def main() -> None:
    """Read the arguments, run every command, print it with its answer."""
    options = argparse.ArgumentParser(
        prog="python -m cases.iztapalapa.to_choose", description=(__doc__ or "").splitlines()[0]
    )
    options.add_argument("--into", type=Path, default=Path(FOLDER), help="folder that the case wrote")
    asked_language(options)
    asked = options.parse_args()
    data = data_folder(asked.language)
    for command in COMMANDS:
        print(f"$ {command}")
        print(answer(command, asked.into, data, asked.language), flush=True)


def answer(command: str, into: Path, data: Path, language: str) -> str:
    """What ``command`` prints, asked of the folder ``into``; folders are replaced, and named as the command names them.

    Raises
    ------
    SystemExit : the command is refused; with what it says.
    """
    words = shlex.split(command)[1:]
    words = [word.replace("$DATA", str(data)) for word in words]
    words = [str(into) + word.removeprefix(FOLDER) if word.startswith(f"{FOLDER}/") else word for word in words]
    replaced = ["--replace"] if "--out" in words else []
    said, whispered = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(whispered):
        code = run(["--language", language, *words, *replaced])
    if code:
        raise SystemExit(f"{command}\n{whispered.getvalue()}{os.linesep}{said.getvalue()}")
    return said.getvalue().replace(str(into), FOLDER)


if __name__ == "__main__":
    main()
