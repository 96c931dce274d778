"""Who walks, and how, in the few words a title has room for: nothing is said of what was not asked."""

from __future__ import annotations

from utopias.language.words import Words


def who_walks(
    words: Words,
    walker: str,
    *,
    speed_m_s: float | None = None,
    slope: str = "tobler",
    after_dark: float | None = None,
    way_home: bool = False,
) -> str:
    """The walker, then what differs from a usual walk by day, with commas between; way_home : only that is after dark.

    speed_m_s : metres a second on the flat, where somebody chose it; None is the walker's own.
    """
    told = [words.group(walker, {})]
    if speed_m_s is not None:
        told.append(words.say("cli.walks.speed", speed=words.trimmed(speed_m_s * 3.6, 2)))
    if slope != "tobler":
        told.append(words.say("cli.walks.slope", rule=slope))
    if after_dark is not None and after_dark != 1.0:
        key = "cli.walks.dark-home" if way_home else "cli.walks.dark"
        told.append(words.say(key, factor=words.trimmed(after_dark, 2)))
    return ", ".join(told)
