"""Recounts plans and times with programs that share nothing with those that made them."""
