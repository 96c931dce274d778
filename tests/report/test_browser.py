"""The page as a browser shows it: on a phone and on a desk, in every language, asking nobody for anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.example import example_plan
from utopias.report.document import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# As root, and with its own background talk switched off: what is left is what the page asks for.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, plan = tmp_path_factory.mktemp("pages"), example_plan()
    return {lang: write_report(plan, to=folder / f"{lang}.html", language=lang) for lang in ("es", "en", "fr")}


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@pytest.mark.parametrize("language", ["es", "en", "fr"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)], ids=["phone", "desk"])
def test_nothing_is_cut_off_nothing_is_asked_of_others_and_nothing_fails(
    browser, pages: dict[str, Path], language: str, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(pages[language].as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
    assert page.evaluate("document.documentElement.lang").startswith(language)
    sizes = page.evaluate("[...document.querySelectorAll('figure svg')].map(s => s.getBoundingClientRect().width)")
    assert sizes
    assert all(0 < size <= width for size in sizes), "every drawing is there and fits"
    page.close()


def test_a_long_table_is_folded_and_opens_from_the_keyboard(browser, tmp_path: Path) -> None:
    plan = example_plan()
    areas = [replace(plan.findings.areas[0], part=f"Colonia {number}") for number in range(80)]
    made = write_report(plan.with_(findings=replace(plan.findings, areas=areas)), to=tmp_path / "long.html")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(made.as_uri())
    row = page.get_by_text("Colonia 79", exact=True)
    assert not row.is_visible()
    page.locator("details > summary").first.focus()
    page.keyboard.press("Enter")
    assert row.is_visible()
    page.close()
