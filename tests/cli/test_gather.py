"""``gather`` says what it will fetch before it asks for it, builds a town, and tells all that could not be had at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.prompt import Prompt
from tests.territory.gather.server import Site, answers, serving
from tests.territory.gather.small_city import serve
from utopias.territory.gather import door
from utopias.territory.gather.shelf import recipes


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as site:
        yield site


def test_the_list_names_every_file_with_its_address_licence_and_trust_and_asks_nobody(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(door.httpx, "Client", None)
    for typed in (["gather"], ["gather", "--list"]):
        said = prompt(*typed)
        said.must(0)
        for recipe in recipes():
            for one in recipe.downloads:
                assert one.address in said.out
        assert said.out.count("Address not verified") == sum(len(recipe.downloads) for recipe in recipes())
        assert "13.0 MB" in said.out
    alone = prompt("gather", "sao-paulo", "--list", language="es")
    assert "Dirección no verificada: leída el" in alone.out
    assert "iztapalapa" not in alone.out


def test_a_town_comes_out_of_one_command_and_passes_the_check(prompt: Prompt, site: Site) -> None:
    recipe = serve(site, prompt.folder / "recipe")
    site.ways["/pilares300.csv"] = answers(503)
    said = prompt("gather", recipe, "--into", prompt.town)
    said.must(0, "pilares300.csv: the server answers 503. Another attempt in 1 s.")
    assert said.err.index(site.address + "/pilares300.csv") < said.err.index(" s  ageb_mza_urbana"), (
        "told before the first byte"
    )
    assert "120 people in 4 blocks, 1 blocks around, 1 units" in said.out
    assert prompt("check", prompt.town).code == 0
    assert (prompt.folder / "downloads" / "utopias.csv").is_file()
    asked = len(site.asked)
    again = prompt("gather", recipe, "--into", prompt.town, "--replace", language="es").must(0)
    assert again.err.count("ya está aquí") == 7
    assert len(site.asked) == asked


def test_a_town_that_is_there_is_not_fetched_for_without_replace(prompt: Prompt, site: Site) -> None:
    recipe = serve(site, prompt.folder / "recipe")
    prompt("gather", recipe, "--into", prompt.town).must(0)
    asked = len(site.asked)
    prompt("gather", recipe, "--into", prompt.town).must(1, "[already-there]")
    assert len(site.asked) == asked


def test_only_download_leaves_the_files_and_no_town(prompt: Prompt, site: Site) -> None:
    recipe = serve(site, prompt.folder / "recipe")
    said = prompt("gather", recipe, "--only-download", "--downloads", prompt.folder / "kept", "--without", "terrain")
    said.must(0)
    assert "5 files in" in said.out
    assert len(list((prompt.folder / "kept").iterdir())) == 5
    assert not prompt.town.exists()


def test_files_that_cannot_be_had_are_told_at_once_in_the_readers_language(prompt: Prompt, site: Site) -> None:
    recipe = serve(site, prompt.folder / "recipe")
    for path in ("/transit_metrics.csv", "/mexico-latest.osm.pbf"):
        site.ways[path] = answers(*[404] * 9)
    said = prompt("gather", recipe, "--into", prompt.town, language="es")
    said.must(1, "no se pudo bajar utopias.csv: el servidor contesta 404", "2 faltas", "o bájelo a mano")
    assert str(prompt.folder / "downloads" / "mexico-latest.osm.pbf") in said.err
    assert not prompt.town.exists()
    (prompt.folder / "downloads" / "utopias.csv").write_bytes(site.files["/transit_metrics.csv"])
    (prompt.folder / "downloads" / "mexico-latest.osm.pbf").write_bytes(site.files["/mexico-latest.osm.pbf"])
    prompt("gather", recipe, "--into", prompt.town, language="es").must(0)


def test_the_planners_own_list_of_lots_comes_along(prompt: Prompt, site: Site) -> None:
    recipe = serve(site, prompt.folder / "recipe")
    lots = prompt.folder / "lots.csv"
    lots.write_text("place_id,x,y\nA,499900,2139050\nB,500000,2139050\n")
    said = prompt("gather", recipe, "--into", prompt.town, "--sites", lots, "--without", "terrain")
    said.must(0)
    assert "2 lots" in said.out


def test_ctrl_c_says_that_what_has_come_stays(prompt: Prompt, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = serve(site, prompt.folder / "recipe")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("utopias.territory.gather.part.Part.add", stop)
    said = prompt("gather", recipe, "--into", prompt.town)
    said.must(130, "What has come stays in")
    assert not prompt.town.exists()


def test_a_recipe_that_nobody_knows_is_a_slip_of_the_line(prompt: Prompt) -> None:
    prompt("gather", "iztapalapas").must(2, "[no-such-recipe]", "iztapalapa, mexico-city, sao-paulo")
    prompt("gather", "iztapalapa", "--without", "blocks").must(2, "[not-in-recipe]")
