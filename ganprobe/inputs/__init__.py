"""What comes from outside: files, checkpoints, data sets, the user's own code, and what the files give away."""
