"""The command line: each command a short pipe."""
