"""Beside a plan: why these sites, what else is as good, what would better a half-made one."""
