"""Small networks and kernels that probes and measures train."""
