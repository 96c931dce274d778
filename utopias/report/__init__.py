"""Draws nouns for people: maps, figures, documents. Computes nothing."""
