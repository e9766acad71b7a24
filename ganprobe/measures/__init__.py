"""How each part of an audit is measured: one file a part, its record of the same name in `ganprobe.record`."""
