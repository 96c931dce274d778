"""Everybody within reach: set covering, backup coverage, the smallest longest walk by bisection, worst first, conflicts."""
