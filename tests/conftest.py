"""What every test shares: how many tests used real data is said at the end, and CI accepts no missing part."""

from __future__ import annotations

import os
import tempfile

import pytest

# Laws on towns of ten streets are to try machine code, not its Python twin, which tests/compiled compares with it.
os.environ.setdefault("UTOPIAS_KERNELS", "machine")
# No test finds a folder known from an earlier run, and none leaves a note in the user's own folder.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="utopias-tests-")

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("-m"):
        return
    slow = pytest.mark.skip(reason="slow law: run `make laws`")
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(slow)


def _real_data(terminalreporter: object) -> tuple[int, int]:
    """How many tests over real data ran, and how many were skipped for want of it (slow laws are skipped on purpose)."""
    stats = terminalreporter.stats  # type: ignore[attr-defined]
    ran = [report for key in ("passed", "failed") for report in stats.get(key, []) if "real_data" in report.keywords]
    skipped = [report for report in stats.get("skipped", []) if "real_data" in report.keywords]
    return len(ran), sum(not _is_slow_law(report) for report in skipped)


def _is_slow_law(report: object) -> bool:
    return "slow law" in str(report.longrepr)  # type: ignore[attr-defined]


def _missing_parts(terminalreporter: object) -> list[str]:
    skipped = terminalreporter.stats.get("skipped", [])  # type: ignore[attr-defined]
    meant = [report for report in skipped if _is_slow_law(report) or "qgis" in report.keywords]
    return [report.nodeid for report in skipped if report not in meant]


def pytest_terminal_summary(terminalreporter: object) -> None:
    ran, skipped = _real_data(terminalreporter)
    line = f"real data: {ran} tests ran, {skipped} skipped"
    if skipped:
        line += " (put the open data in ../shared/data or set UTOPIAS_SHARED_DATA)"
    terminalreporter.write_line(line)  # type: ignore[attr-defined]
    if IN_CI and os.environ.get("UTOPIAS_CI_STRICT") == "1":
        for name in _missing_parts(terminalreporter):
            terminalreporter.write_line(f"skipped in CI for a missing part: {name}")  # type: ignore[attr-defined]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skip for a missing part, or no real-data test at all, turns the run red."""
    if not IN_CI or os.environ.get("UTOPIAS_CI_STRICT") != "1" or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    ran, _ = _real_data(reporter)
    if exitstatus == 0 and (_missing_parts(reporter) or ran == 0):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
