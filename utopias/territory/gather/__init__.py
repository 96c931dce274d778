"""A real city from its open-data addresses: a recipe, what it downloads, and the town built of it."""
