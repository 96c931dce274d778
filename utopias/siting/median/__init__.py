"""The one kernel, a capped weighted median on sparse sorted lists: search, bounds, and how a gap is closed."""
