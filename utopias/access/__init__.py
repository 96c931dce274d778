"""How much of the city a person can reach."""
