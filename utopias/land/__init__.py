"""Land: which candidate plots may take a unit at all, by rules that a city writes down."""

from utopias.land.joining import joined_town
from utopias.land.joint import joint_sites
from utopias.land.rules import read_rules
from utopias.land.screening import has_land_facts, screen

__all__ = ["has_land_facts", "joined_town", "joint_sites", "read_rules", "screen"]
