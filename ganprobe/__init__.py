"""ganprobe: how far a trained generator is from its data, where the difference lives, and how sure that is."""

__version__ = "0.1.0"
