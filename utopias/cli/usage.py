"""The words of the command line itself, in the reader's language: help pages, and what was typed wrong.

Typer speaks English and offers no other catalogue, so its few fixed words are said again here. What it
quotes (options, values, names of commands) stays as typed.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import typer

from utopias.language.words import Words

# Typer's fixed words, and our keys for them; in the order in which they are looked for.
_FIXED = {
    "Usage: ": "cli.usage.usage",
    "[OPTIONS]": "cli.usage.options-mark",
    "COMMAND [ARGS]...": "cli.usage.command-mark",
    "Options:": "cli.usage.options",
    "Commands:": "cli.usage.commands",
    "Arguments:": "cli.usage.arguments",
    "Show this message and exit.": "cli.usage.help",
    "[required]": "cli.usage.required",
}
_DEFAULT = re.compile(r"\[default:(?=\s)")  # a line may end right behind it
_BOUND = re.compile(r"Input should be (?P<way>greater|less) than or equal to (?P<bound>[-\d.]+)")
_COMMAND = re.compile(r"No such command '(?P<name>.*)'\.(?P<rest>.*)", re.DOTALL)


def speak(command: Any, words: Words) -> None:
    """Make the help of a command, and of those below it, speak ``words``. Changes the command."""
    own = command.get_help
    # On the object: typer makes its commands itself, of a class that is not ours to choose for each.
    command.get_help = lambda ctx: in_words(own(ctx), words)
    for name, below in getattr(command, "commands", {}).items():
        below.short_help = words.say(f"cli.{name}.short")  # one line of the list: typer cuts the long one at 80 columns
        speak(below, words)


def in_words(text: str, words: Words) -> str:
    """A help page or usage line with typer's own words said in the reader's language."""
    for theirs, key in _FIXED.items():
        text = text.replace(theirs, words.say(key) + (" " if theirs.endswith(" ") else ""))
    return _DEFAULT.sub(words.say("cli.usage.default"), text)


def complaint(error: typer.TyperException, words: Words) -> str:
    """What was typed wrong: the usage line, where to find help, and one sentence."""
    context = getattr(error, "ctx", None)
    lines = []
    if context is not None:
        lines = [in_words(context.get_usage(), words), words.say("cli.usage.try", command=context.command_path), ""]
    return "\n".join([*lines, words.say("cli.usage.error", what=_what(error, words))])


def _what(error: Any, words: Words) -> str:
    """One sentence; typer's own in English for a slip that is none of the usual."""
    kind = type(error).__name__
    said = error.format_message() if hasattr(error, "format_message") else str(error)
    hint = "" if getattr(error, "param", None) is None else str(error.param.get_error_hint())
    if kind == "MissingParameter":
        return words.say("cli.usage.missing", what=hint)
    if kind == "NoSuchOption":
        # Without their dashes: typer finds --abrir near --aim for the two signs that all options share.
        bare = {name.lstrip("-"): name for name in error.possibilities or ()}
        near = ", ".join(bare[name] for name in get_close_matches(error.option_name.lstrip("-"), bare))
        told = words.say("cli.usage.no-option", option=error.option_name)
        return f"{told} {words.say('cli.usage.near', near=near)}" if near else told
    if kind == "BadParameter":
        return words.say("cli.usage.bad-value", what=hint, said=_value(error.message, words))
    if kind == "BadOptionUsage" and "requires" in said:
        return words.say("cli.usage.no-value", option=error.option_name)
    command = _COMMAND.match(said)
    if command:
        return words.say("cli.usage.no-command", name=command["name"])
    if said == "Missing command.":
        return words.say("cli.usage.no-command-given")
    if said.startswith("Got unexpected extra argument"):
        return words.say("cli.usage.extra", said=said[said.rfind("(") + 1 : said.rfind(")")] or said)
    return said


def _value(said: str, words: Words) -> str:
    """Why a value is no good; pydantic's sentences about a number are the usual ones."""
    for theirs, key in (("valid integer", "cli.usage.whole"), ("valid number", "cli.usage.number")):
        if theirs in said:
            return words.say(key)
    bound = _BOUND.match(said)
    if bound:
        key = "cli.usage.at-least" if bound["way"] == "greater" else "cli.usage.at-most"
        return words.say(key, bound=bound["bound"])  # as typed: a point, in every language
    return said
