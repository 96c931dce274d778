"""How long work tells what it is doing: a call with a stage and the share done.

Rooms report codes; only those who speak to people turn them into words. A caller that
wants to stop the work raises ``KeyboardInterrupt`` from the call, or sends Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, float], None]


def silent(stage: str, share: float) -> None:
    """Report to nobody."""
