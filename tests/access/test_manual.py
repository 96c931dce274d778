"""The page on carers prints what the commands say of the made-up borough, in each language.

After a change of the command or of its columns: ``python -m tests.access.test_manual`` writes the pages anew.
"""

from __future__ import annotations

import io
import re
import shlex
import tempfile
from contextlib import chdir, redirect_stdout
from pathlib import Path

import pytest

import utopias as u
from tests import manual_pages
from utopias.cli.__main__ import run
from utopias.domain.tables import markdown_columns
from utopias.language.columns import say_of_column

PAGE = "carers.md"
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", manual_pages.LANGUAGES)


def write_borough(folder: Path) -> None:
    """The town of ``utopias demo``, without its plan."""
    u.write_town(u.synthetic_town("borough"), folder / "demo" / "town")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page's commands are typed: it holds the demo's town."""
    made = tmp_path_factory.mktemp("carers")
    write_borough(made)
    return made


def command(page: str) -> list[str]:
    """The first ``utopias chain`` of a page, as typed."""
    line = next(line for line in page.splitlines() if line.startswith("utopias chain"))
    return shlex.split(line)[1:]


def answered(arguments: list[str], folder: Path, language: str) -> str:
    out = io.StringIO()
    with chdir(folder), redirect_stdout(out):
        assert run(["--language", language, *arguments]) == 0
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def columns_of(table: str, language: str) -> str:
    told = markdown_columns(table, lambda text: say_of_column(text, language))
    return f"<!-- columns: {table} -->\n\n{told}\n<!-- end -->"


@IN_EACH_LANGUAGE
def test_the_page_shows_what_the_command_says_of_the_made_up_borough(folder: Path, language: str) -> None:
    page = manual_pages.text(PAGE, language)
    shown = page.split("```text\n")[1].split("\n```")[0]
    assert answered(command(page), folder, language) == shown


@IN_EACH_LANGUAGE
@pytest.mark.parametrize("table", ["trips", "chains"])
def test_the_page_holds_the_declared_columns_word_for_word(table: str, language: str) -> None:
    assert columns_of(table, language) in manual_pages.text(PAGE, language)


def test_the_other_commands_and_the_program_of_the_page_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = manual_pages.text(PAGE, "en")
    asked = [line for line in page.splitlines() if line.startswith("utopias chain")]
    assert len(asked) >= 3
    for line in asked[1:]:
        (folder / "trips.csv").write_text("school_id,block_id,children\n", encoding="utf-8")
        with (folder / "trips.csv").open("a", encoding="utf-8") as file:
            town = u.read_town(folder / "demo" / "town")
            file.write(f"{town.schools.ids[0]},{town.blocks.ids[0]},12\n")
        answered(shlex.split(line)[1:], folder, "en")
    assert (folder / "chains.csv").read_text(encoding="utf-8").startswith("school_id,block_id,children,persons,unit_id")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    with chdir(folder):
        exec(compile(program, PAGE, "exec"), {})
    said = capsys.readouterr().out
    assert "<Chained 'carers', estimated: of 450,926" in said


def printed(page: str, language: str) -> str:
    """The page as the program would have it now."""
    page = re.sub(
        r"<!-- columns: (\w+) -->\n.*?<!-- end -->",
        lambda found: columns_of(found[1], language),
        page,
        flags=re.DOTALL,
    )
    with tempfile.TemporaryDirectory() as where:
        write_borough(Path(where))
        said = answered(command(page), Path(where), language)
    return re.sub(
        r"^```text\n.*?^```", lambda _: f"```text\n{said}\n```", page, count=1, flags=re.DOTALL | re.MULTILINE
    )


if __name__ == "__main__":
    manual_pages.rewrite(PAGE, printed)
