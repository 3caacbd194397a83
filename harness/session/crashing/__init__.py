"""Trials in which a fault strikes: what may be struck, when nothing more happens, what is left."""
