"""A web server on this machine for each test, reached past any proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.territory.gather.server import Site, serving


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as site:
        yield site
