"""Streets as a graph that can be walked, and places attached to it."""
