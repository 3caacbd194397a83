"""A ready-made text with slots: what differs from message to message is filled in, all else is constant."""

import re
from collections.abc import Mapping


class Template:
    """Made of a text in which each slot is marked, by bytes that occur nowhere else; a slot may occur several times."""

    def __init__(self, text: bytes, marks: Mapping[str, bytes]) -> None:
        """`marks`: slot → its mark. Raises ValueError where the text lacks one."""
        slots = {mark: slot for slot, mark in marks.items()}
        self._pieces = re.split(b"(" + b"|".join(map(re.escape, slots)) + b")", text)
        self._places = [(place, slots[piece]) for place, piece in enumerate(self._pieces) if piece in slots]
        missing = set(marks).difference(slot for _, slot in self._places)
        if missing:
            raise ValueError(f"the text has no place for {', '.join(sorted(missing))}")

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """The text with a value in each slot."""
        pieces = self._pieces.copy()
        for place, slot in self._places:
            pieces[place] = values[slot]
        return b"".join(pieces)
