"""Results on the disk: an audit as JSON and back, and what is kept under a key of its contents."""
