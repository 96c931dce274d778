"""Real places, each a folder of column files and one short program over the public names of ``utopias``."""
