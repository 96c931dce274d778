"""What a plan changes, for whom: before and after, and every finding a report shows.

``compare`` parts the people; ``findings`` gathers all numbers once. Both are loaded here first,
so that ``utopias.scenario.findings`` names the function and not the file it stands in.
"""

from utopias.scenario.before_after import compare
from utopias.scenario.edits import Scenario
from utopias.scenario.findings import findings
from utopias.scenario.what_if import apply

__all__ = ["Scenario", "apply", "compare", "findings"]
