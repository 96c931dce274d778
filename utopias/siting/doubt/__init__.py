"""How a plan stands when its inputs move: draws, and other worlds."""
