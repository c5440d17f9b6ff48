"""The docs site: MyST pages, executed tutorial, reference written from the code. Built by `make docs`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import crisislib  # noqa: E402
from tools import reference_pages  # noqa: E402 - the path comes first

reference_pages.write(HERE / "reference")

project, author = "Crisis Workbench", "The Crisis Workbench authors"
copyright = author
version = release = crisislib.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["_build", "jupyter_execute"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_prev_next": False, "use_edit_page_button": False, "show_toc_level": 2}
html_show_sourcelink = False
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
