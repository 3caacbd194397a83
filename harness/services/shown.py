"""What of a library's error may be shown: nothing that quotes a secret."""

from harness.services.url import Url

ERROR_CHARACTERS = 200


def one_line(error: BaseException, *urls: Url) -> str:
    """An error's text on one line, without its full stop; its type alone where it has no text, or quotes a secret."""
    text = " ".join(str(error).split())
    if any(url.is_quoted_in(text) for url in urls):
        return type(error).__name__
    return text[:ERROR_CHARACTERS].rstrip(".") or type(error).__name__
