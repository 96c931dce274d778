"""What a plan changes, for whom: before and after, and every finding a report shows.

``compare`` parts the people; ``findings`` gathers all numbers once. No file here is called by
those names, so that the functions keep them.
"""

from utopias.scenario.before_after import compare

__all__ = ["compare"]
