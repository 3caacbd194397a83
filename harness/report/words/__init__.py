"""The words of reports, each explained once: for `workbench explain`, docs/words.md and the page's tooltips."""
