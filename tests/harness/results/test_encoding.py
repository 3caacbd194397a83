"""What is written as JSON can be written whatever a file is called."""

import msgspec

from harness.driver.messages import Abort, decode, encode
from harness.results.encoding import encoded


def test_text_is_json_as_it_is() -> None:
    """The same as the library's."""
    assert encoded({"a": ["é", 1, None]}) == msgspec.json.encode({"a": ["é", 1, None]})


def test_a_byte_that_is_no_text_becomes_a_question_mark() -> None:
    """Python reads a name that is not UTF-8 with half a character for each such byte."""
    assert msgspec.json.decode(encoded({"\udcff": ["b\udcff", {1: "\udcff"}]})) == {"?": ["b?", {"1": "?"}]}
    assert decode(encode(Abort("the plan p\udcff"))) == Abort("the plan p?")
