"""Which site in which budget year."""
