"""Keeps secrets out of what the work said: an exception of a library may quote the URL that it was given."""

import msgspec

from harness.driver.messages import Recording
from harness.services.origin import origin_url
from harness.services.url import Url
from harness.session.driver_spec import TrialWork


def without_secrets(recording: Recording, work: TrialWork) -> Recording:
    """The recording, with every secret of the work's URLs replaced where it stands in an error."""
    urls = _urls(work)

    def hidden(text: str) -> str:
        for url in urls:
            text = url.hidden_in(text)
        return text

    return msgspec.structs.replace(
        recording,
        error=None if recording.error is None else hidden(recording.error),
        failures={hidden(kind): (count, hidden(text)) for kind, (count, text) in recording.failures.items()},
    )


def _urls(work: TrialWork) -> list[Url]:
    urls = [url for place in work.places for url in (place.url, place.backend)]
    origin = work.services.origin_url
    return urls if origin is None else [*urls, origin_url(origin)]
