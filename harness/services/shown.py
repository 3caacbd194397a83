"""What of URLs and errors may be shown: everything but passwords."""

import re

ERROR_CHARACTERS = 200


def without_password(text: str) -> str:
    """The text with each password in a URL, or in its query, replaced by `***`."""
    hidden = re.sub(r"(://[^/@\s]*?:)[^@\s]*(@)", r"\1***\2", text)
    return re.sub(r"(?i)([?&]password=)[^&\s]*", r"\1***", hidden)


def one_line(error: BaseException) -> str:
    """An error's text on one line, without its full stop; its type where it has no text."""
    text = without_password(" ".join(str(error).split()))[:ERROR_CHARACTERS]
    return text.rstrip(".") or type(error).__name__
