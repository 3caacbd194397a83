"""Keeps secrets out of what others said: an exception of a library, or a line of a log, may quote a URL."""

from collections.abc import Iterable

import msgspec

from harness.driver.messages import Recording
from harness.services.origin import origin_url
from harness.services.url import Url
from harness.session.driver_spec import TrialWork


def without_secrets(recording: Recording, work: TrialWork) -> Recording:
    """The recording, with every secret of the work's URLs replaced where it stands in an error."""
    urls = _urls(work)
    return msgspec.structs.replace(
        recording,
        error=None if recording.error is None else hidden(recording.error, urls),
        failures={
            hidden(kind, urls): (count, hidden(text, urls)) for kind, (count, text) in recording.failures.items()
        },
    )


def hidden(text: str, urls: Iterable[Url]) -> str:
    """A text without the secrets of these URLs."""
    for url in urls:
        text = url.hidden_in(text)
    return text


def _urls(work: TrialWork) -> list[Url]:
    urls = [url for place in work.places for url in (place.url, place.backend)]
    origin = work.services.origin_url
    return urls if origin is None else [*urls, origin_url(origin)]
