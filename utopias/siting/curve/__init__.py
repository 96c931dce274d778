"""What one aim costs in another: the curve between two, each point certified."""
