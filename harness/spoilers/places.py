"""Places as they are shown: relative to the current directory, where they lie below it."""

from harness.jobs.importing import shown as relative


def shown(place: str) -> str:
    """`FILE:LINE`; empty where it is not known."""
    file, colon, line = place.rpartition(":")
    return f"{relative(file)}:{line}" if colon else ""
