"""The nouns that travel between rooms. No algorithm, no foreign format."""
