"""Many checkpoints: one after the other, side by side, or as a training writes them."""
