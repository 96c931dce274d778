"""Everybody within reach: covering at least cost, backup coverage, the smallest longest walk by bisection, worst first."""
