"""Where the next units go, with proof and with doubt."""
