"""Laws whose divergence is known, and what the estimator makes of them."""
