"""The card: the verdict of `workbench decide` at first sight, the same in every format."""
