"""Held-out logits: calibrated, stacked, bounded and read; and the ladder of probes that they come from."""
