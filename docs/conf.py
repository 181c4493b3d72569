"""How the documentation becomes a site: `make docs` builds it into docs/site/."""

project = "Heed"
root_doc = "index"
extensions = ["myst_parser"]
exclude_patterns = ["site"]
html_theme = "furo"
html_title = "Heed"
html_show_copyright = False
html_show_sphinx = False
# Links such as `#partnerout` lead to headings; a link that leads nowhere is a warning, and warnings fail the build.
myst_heading_anchors = 3
nitpicky = True
