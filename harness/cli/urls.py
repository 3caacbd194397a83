"""Options that take a URL: how each is read and shown again. What reads one is imported when it is given."""

import os
import shlex
import sys
from collections.abc import Callable, Sequence

from harness.services.url import Url


def broker(text: str | Url) -> Url:
    """`--broker`."""
    from harness.services.brokers.broker import broker_url

    return text if isinstance(text, Url) else broker_url(text, given_by("--broker"))


def run_broker(text: str | Url) -> Url:
    """`--broker` of a run, which can start one of its own."""
    from harness.services.brokers.broker import run_broker_url

    return text if isinstance(text, Url) else run_broker_url(text, given_by("--broker"))


def result_backend(text: str | Url) -> Url:
    """`--result-backend`."""
    from harness.services.brokers.broker import backend_url

    return text if isinstance(text, Url) else backend_url(text, given_by("--result-backend"))


def origin(text: str | Url) -> Url:
    """`--origin`."""
    from harness.services.origin import origin_url

    return text if isinstance(text, Url) else origin_url(text, given_by("--origin"))


def postgres(text: str | Url) -> Url:
    """`--postgres`."""
    from harness.services.postgres import postgres_url

    return text if isinstance(text, Url) else postgres_url(text, given_by("--postgres"))


OPTIONS: dict[str, Callable[[str], Url]] = {
    "--broker": run_broker,
    "--result-backend": result_backend,
    "--origin": origin,
    "--postgres": postgres,
}


def given_by(option: str) -> str:
    """That option, with the variable of the environment that gave it where it is not on the command line."""
    variable = f"WORKBENCH_{option.removeprefix('--').replace('-', '_').upper()}"
    return option if is_typed(option) or variable not in os.environ else f"{option} (env var: {variable!r})"


def is_typed(option: str) -> bool:
    """Whether it is on the command line."""
    return any(word.partition("=")[0] == option for word in sys.argv[1:])


def command_line(arguments: Sequence[str]) -> str:
    """Arguments as they are typed in a shell; URLs without their secrets."""
    words: list[str] = []
    before = ""
    for text in arguments:
        option, equals, value = text.partition("=")
        if before in OPTIONS:
            words.append(_shown(before, text))
            before = ""
        elif option in OPTIONS and equals:
            words.append(f"{option}={_shown(option, value)}")
        else:
            words.append(shlex.quote(text))
            before = text
    return " ".join(words)


def _shown(option: str, text: str) -> str:
    """Without secrets; a broker of the run's own is the name of its kind."""
    from harness.services.brokers.broker import is_own

    url = OPTIONS[option](text)
    return url.host if is_own(url) else url.shown
