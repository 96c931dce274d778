"""The order of the site: that of the table on the first page of each language, which every page stands in.

MkDocs runs these functions while it builds (``hooks`` in mkdocs.yml). Spanish pages are those of
``manual/es/``; where there is none yet, the site is English.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

LINK = re.compile(r"\[([^\]]+)\]\(((?:\.\./)?[\w-]+\.md)\)")
AWAY = re.compile(r"(?<!!)\[([^\]]+)\]\((\.\./[^)\s]+)\)")
FIRST = {"": "The manual", "es": "El manual"}


def on_config(config: Any) -> Any:
    """Fill in the navigation, and the switch of languages where there is more than one."""
    home = Path(config.docs_dir)
    nav: list[Any] = [{"English": listed(home, "")}]
    if (home / "es" / "README.md").is_file():
        nav.insert(0, {"Español": listed(home, "es")})
        config.extra["alternate"] = [
            {"name": "Español", "link": "es/index.html", "lang": "es"},
            {"name": "English", "link": "index.html", "lang": "en"},
        ]
    config.nav = nav if len(nav) > 1 else nav[0]["English"]
    return config


def listed(home: Path, folder: str) -> list[dict[str, str]]:
    """First page, then each page of its table in that order, once; pages of another language are left to it."""
    found = {FIRST[folder]: str(Path(folder) / "README.md")}
    for line in (home / folder / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ["):
            for title, page in LINK.findall(line):
                if not page.startswith("../") and str(Path(folder) / page) not in found.values():
                    found[title] = str(Path(folder) / page)
    return [{title: page} for title, page in found.items()]


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """A link to a file of the repository, which no site holds, becomes its text and its path."""
    home, here = Path(config.docs_dir).resolve(), Path(page.file.abs_src_path).resolve().parent

    def told(found: re.Match[str]) -> str:
        leads = (here / found[2].partition("#")[0]).resolve()
        if leads.is_relative_to(home):
            return found[0]
        return f"{found[1]} (`{leads.relative_to(home.parent).as_posix()}`)"

    return AWAY.sub(told, markdown)


def on_page_context(context: Any, page: Any, config: Any, **_: Any) -> Any:
    """Buttons and the page's own language tag in the language of the page."""
    config.theme["language"] = "es" if page.file.src_uri.startswith("es/") else "en"
    return context
