"""Options that take a URL: how each is read and shown again. What reads one is imported when it is given."""

import shlex
from collections.abc import Callable, Sequence

from harness.services.url import Url


def broker(text: str | Url) -> Url:
    """`--broker`."""
    from harness.services.brokers.broker import broker_url

    return text if isinstance(text, Url) else broker_url(text)


def result_backend(text: str | Url) -> Url:
    """`--result-backend`."""
    from harness.services.brokers.broker import backend_url

    return text if isinstance(text, Url) else backend_url(text)


def origin(text: str | Url) -> Url:
    """`--origin`."""
    from harness.services.origin import origin_url

    return text if isinstance(text, Url) else origin_url(text)


def postgres(text: str | Url) -> Url:
    """`--postgres`."""
    from harness.services.postgres import postgres_url

    return text if isinstance(text, Url) else postgres_url(text)


OPTIONS: dict[str, Callable[[str], Url]] = {
    "--broker": broker,
    "--result-backend": result_backend,
    "--origin": origin,
    "--postgres": postgres,
}


def command_line(arguments: Sequence[str]) -> str:
    """Arguments as they are typed in a shell; URLs without their secrets."""
    words: list[str] = []
    before = ""
    for text in arguments:
        option, equals, value = text.partition("=")
        if before in OPTIONS:
            words.append(OPTIONS[before](text).shown)
            before = ""
        elif option in OPTIONS and equals:
            words.append(f"{option}={OPTIONS[option](value).shown}")
        else:
            words.append(shlex.quote(text))
            before = text
    return " ".join(words)
