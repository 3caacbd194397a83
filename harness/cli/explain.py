"""`workbench explain`: what a word of the tables, a doubt or a status means, and what to do about it."""

from typing import Annotated

import typer

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="WORD", help="Such as ceiling, machine-bound or slot overhead. Default: a list of all."),
]


def explain(word: Words = None) -> None:
    """Say what a word of a report means, what to do about a doubt, with an example."""
    from harness.report.words import glossary

    if not word:
        print(glossary.listing())
        return
    print("\n\n".join(map(glossary.in_words, glossary.find(" ".join(word)))))
