"""Who is within a radius: set covering by search, tree and HiGHS, and whom no plan can reach together."""
