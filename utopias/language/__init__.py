"""Words and numbers in the languages people read."""
