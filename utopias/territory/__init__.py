"""The world comes in and goes out: one foreign format a file."""
