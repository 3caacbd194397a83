"""Pages of reports: templates, style and scripts, and what fills them."""
