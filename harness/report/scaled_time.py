"""What a report says of a run whose times passed faster: on each table, and once in full."""

from harness.results.model import Results


def beside_scale(document: Results) -> str:
    """Behind the title of a table; empty where times passed as they are."""
    scale = document.run.time_scale
    return f", {scale} times as fast" if scale > 1 else ""


def scale_in_words(document: Results) -> list[str]:
    """What that means for its figures."""
    scale = document.run.time_scale
    if scale == 1:
        return []
    return [
        f"time scale {scale}: work waited {scale} times as fast, and times of settings (visibility timeout, limits, "
        f"expiry) were as much shorter. All times are those that passed: a job of {60 / scale:.3g} s stands for one of "
        "60 s. What contenders and machine add, and CPU, are not scaled: beside real jobs they are that much less."
    ]
