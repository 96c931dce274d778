"""The manual as a site: built strictly, every page in it, nothing asked of anybody, searched from a folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
]
# What a browser fetches by itself; a link that a reader may follow is no such thing.
FETCHED = {"script": ("src",), "img": ("src", "srcset"), "iframe": ("src",), "source": ("src", "srcset"), "video": ("src",),
           "audio": ("src",), "embed": ("src",), "object": ("data",), "link": ("href",), "form": ("action",), "input": ("src",)}  # fmt: skip
OUTSIDE = re.compile(r"^\s*(https?:)?//")


def built(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build a copy of the manual in ``folder``, as ``make manual`` does: not --quiet, which silences what --strict counts."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip


def copied(folder: Path) -> Path:
    shutil.copytree(ROOT / "manual", folder / "manual")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with a page in Spanish at least, whatever languages the manual has today."""
    folder = copied(tmp_path_factory.mktemp("site"))
    spanish = folder / "manual" / "es"
    if not spanish.exists():
        spanish.mkdir()
        (spanish / "README.md").write_text("# El manual\n\n| página |\n|---|\n| [Diez minutos](ten-minutes.md) |\n", encoding="utf-8")  # fmt: skip
        (spanish / "ten-minutes.md").write_text("# Diez minutos\n\nLa alcaldía inventada.\n", encoding="utf-8")
    ran = built(folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder / "build" / "manual"


def outside(html: str) -> list[str]:
    """Everything a page would fetch from elsewhere by itself."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            said = {name: value or "" for name, value in attrs}
            if tag == "link" and said.get("rel") in ("canonical", "alternate", "next", "prev"):
                return
            found.extend(said[name] for name in FETCHED.get(tag, ()) if OUTSIDE.match(said.get(name, "")))
            found.extend(re.findall(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)", said.get("style", "")))

    Reader().feed(html)
    for style in re.findall(r"<style[^>]*>(.*?)</style>", html, flags=re.DOTALL):
        found.extend(outside_of_style(style))
    return found


def outside_of_style(css: str) -> list[str]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.findall(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^)'\"]+)", css)


def test_the_search_for_outside_resources_finds_them() -> None:
    page = '<link rel="stylesheet" href="https://fonts.googleapis.com/x"><script src=//cdn/x.js></script><img srcset="http://a/b 2x">'
    page += "<style>@import 'https://a/b.css'; p{background:url(//c/d.png)}</style><p style=\"background:url('https://e')\">"
    page += '<a href="https://qgis.org">a link is no resource</a>'
    assert len(outside(page)) == 6


def test_no_page_and_no_style_fetches_anything_from_elsewhere(site: Path) -> None:
    pages = {path.relative_to(site).as_posix(): outside(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}  # fmt: skip
    assert len(pages) > 15
    assert {name: found for name, found in pages.items() if found} == {}
    styles = [found for path in site.rglob("*.css") for found in outside_of_style(path.read_text(encoding="utf-8"))]
    assert styles == []
    assert not [path for path in site.rglob("*") if path.suffix in (".py", ".pyc")], "what builds the site is not in it"


def test_every_page_of_the_manual_is_in_the_navigation(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    pages = {path.stem for path in (ROOT / "manual").glob("*.md")} - {"README"}
    nav = first.split('class="md-nav md-nav--primary')[1].split("</nav>\n    </div>")[0]
    assert not sorted(page for page in pages if f'href="{page}.html"' not in nav)
    assert 'href="es/ten-minutes.html"' in nav


def test_a_spanish_page_says_so_and_has_spanish_buttons(site: Path) -> None:
    spanish, english = ((site / name).read_text(encoding="utf-8") for name in ("es/index.html", "index.html"))
    assert '<html lang="es"' in spanish
    assert '<html lang="en"' in english
    assert "Búsqueda" in spanish
    assert "hreflang" in english


def test_a_dead_link_stops_the_build(tmp_path: Path) -> None:
    page = copied(tmp_path) / "manual" / "costs.md"
    page.write_text(
        page.read_text(encoding="utf-8") + "\n[nowhere](nowhere.md) [no part](verify.md#no-such-part)\n",
        encoding="utf-8",
    )
    ran = built(tmp_path)
    assert ran.returncode != 0
    assert "nowhere.md" in ran.stdout + ran.stderr
    assert "no-such-part" in ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)], ids=["phone", "desk"])
@pytest.mark.parametrize("name", ["index.html", "commands.html", "exports.html", "es/index.html"])
@needs_browser[0]
@needs_browser[1]
def test_a_page_opened_from_its_folder_asks_nobody_and_fits(browser, site: Path, name: str, width: int, height: int) -> None:  # fmt: skip
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((site / name).as_uri())
    page.wait_for_timeout(300)
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
    page.close()


@needs_browser[0]
@needs_browser[1]
def test_the_search_works_from_a_folder_without_a_server(browser, site: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((site / "index.html").as_uri())
    page.locator("input[data-md-component=search-query]").click()
    page.keyboard.type("substitution")
    found = page.locator(".md-search-result__item a")
    found.first.wait_for(timeout=10_000)
    assert found.count() > 0
    assert "html" in str(found.first.get_attribute("href"))
    page.close()
