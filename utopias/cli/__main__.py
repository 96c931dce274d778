"""The command line: one door, exit codes that scripts can trust.

0 done · 1 faults in the input, or a check that failed · 2 wrong command line ·
3 no plan can meet the demands · 130 stopped by the user, last good plan saved.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback

import typer

from utopias.cli.app import build_app
from utopias.cli.line import NAMES, LineError
from utopias.cli.speech import Speech
from utopias.cli.usage import complaint, speak
from utopias.domain.errors import InfeasibleError, UtopiasError
from utopias.language.words import UnknownWordsError, Words, pick_language

STOPPED = 130
# Faults of the command line itself, whatever the folders hold.
OF_THE_LINE = {
    "bare-number", "unknown-quantity", "negative-duration", "bad-limit", "no-limit", "unknown-aim", "aim-not-yet", "number-not-asked", "bad-term",
    "unknown-walker", "unknown-slope", "bad-after-dark", "unknown-index", "unknown-part", "unknown-report", "unknown-ending", "unknown-unit",
    "negative-open", "bad-budget", "site-twice", "forced-and-forbidden", "no-such-recipe", "not-in-recipe",
    "bad-length", "no-places", "window-under-stay", "unknown-level", "unknown-way-of-trips", "bad-decay",
    "unknown-term", "bad-severity", "unknown-decay", "several-participations", "bad-share", "unknown-cause", "bad-days", "no-value-of-time", "bad-value-of-time",
    "bad-service-pair", "bad-buildable", "bad-plot-area", "unknown-service", "unknown-must-have", "service-not-asked",
    "unknown-years", "unknown-money", "bad-years", "budgets-and-years", "bad-works-a-year", "bad-cost-each", "bad-equip-share",
    "bad-discount", "bad-aversion", "bad-within", "bad-count", "bad-points", "no-pair", "bad-world", "plan-or-town", "plan-and-number", "no-number", "aim-not-phased",
    "bad-seed", "unknown-method",
}  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave the process with its exit code."""
    code = run(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader left, as head does: what is still unsaid is not missed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    asked, arguments = _asked(arguments)
    try:
        language = pick_language(asked, os.environ, _locale())
    except UnknownWordsError as error:
        print(error, file=sys.stderr)
        return 2
    speech = Speech(Words(language))
    try:
        app = typer.main.get_command(build_app(speech))
        speak(app, speech.words)
        # Not app.main(): that makes of Ctrl-C an exit without a word.
        with app.make_context("utopias", list(arguments)) as context:
            app.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    except InfeasibleError as error:
        speech.complain(error.faults)
        return 3
    except UtopiasError as error:
        speech.complain(error.faults)
        # A name that a line gives is the line's; the same name in a table is the table's.
        of_the_line = OF_THE_LINE | NAMES if isinstance(error, LineError) else OF_THE_LINE
        return 2 if set(error.codes) <= of_the_line else 1
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)
        else:
            print(complaint(error, speech.words), file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        speech.whisper("cli.stopped")
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _alarm(speech, _SYSTEM.get(error.errno or 0, "cli.os-error"), what=_said_by(error))
    except MemoryError:
        return _alarm(speech, "cli.no-memory")
    except Exception as error:
        return _alarm(speech, "cli.bug", what=f"{type(error).__name__}: {error}", file=_written_down())
    return 0


_SYSTEM = {
    errno.ENOSPC: "cli.disk-full",
    errno.EDQUOT: "cli.disk-full",
    errno.EACCES: "cli.not-allowed",
    errno.EPERM: "cli.not-allowed",
    errno.EROFS: "cli.not-allowed",
}


def _alarm(speech: Speech, key: str, **values: str) -> int:
    speech.err.print(speech.words.say(key, **values), markup=False, style="bold red")
    return 1


def _said_by(error: OSError) -> str:
    """The file and what the system said of it, without its number."""
    told = [str(part) for part in (error.filename, error.strerror) if part]
    return ": ".join(told) or str(error)


def _written_down() -> str:
    """The trace of a fault of ours, in a file: its reader is whoever mends the program, not whoever met it."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="utopias-", suffix=".txt", delete=False) as file:
        traceback.print_exc(file=file)
    return file.name


def _locale() -> str | None:
    """The machine's language as its user set it; the C locale is nobody's language."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), None)
    return None if named is None or named.split(".")[0] in ("C", "POSIX") else named


def _asked(arguments: list[str]) -> tuple[str | None, list[str]]:
    """The value of --language wherever it stands, and the rest: it is read first, since help itself is in it."""
    for i, argument in enumerate(arguments):
        if argument == "--language" and i + 1 < len(arguments):
            return arguments[i + 1], arguments[:i] + arguments[i + 2 :]
        if argument.startswith("--language="):
            return argument.partition("=")[2], arguments[:i] + arguments[i + 1 :]
    return None, arguments


if __name__ == "__main__":
    main()
