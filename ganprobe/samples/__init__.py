"""Both sides in memory: what they are, how they are divided, drawn, scaled and told apart row by row."""
