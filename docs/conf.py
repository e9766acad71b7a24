"""How the pages are built: ``python -m sphinx -W docs build/docs``.

What can be read from the program is not written down a second time: `generate` reads it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generate

import ganprobe

project = "ganprobe"
author = "the ganprobe developers"
version = release = ganprobe.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
# Of a name in `backticks` the docstrings say only that it is code.
default_role = "code"
# Or --range would lose a dash.
smartquotes = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
html_theme = "alabaster"
html_theme_options = {
    "description": "How far is a trained generator from its data, where, and how sure is that?",
    "font_family": "system-ui, 'DejaVu Sans', sans-serif",
    "head_font_family": "system-ui, 'DejaVu Sans', sans-serif",
    "page_width": "72rem",
    "body_max_width": "none",
    "show_powered_by": False,
}
html_show_copyright = False
html_show_sourcelink = False

generate.write(Path(__file__).parent / "generated")
