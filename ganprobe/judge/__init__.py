"""What numbers mean: findings, gates, and what the audits of a training say together."""
