"""The made-up borough, one thought a file: ground, districts, streets, people, places, words."""
