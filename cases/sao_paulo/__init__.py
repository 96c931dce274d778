"""São Paulo's centre from open data: column files only, no code. The manual's page runs it."""
