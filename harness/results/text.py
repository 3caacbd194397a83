"""Text that others wrote, as a terminal shows it: nothing in it is markup or a command to the terminal."""


def printable(text: str) -> str:
    """Control characters, which move the cursor or change colours, written out; line ends and tabs as they are."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode()
