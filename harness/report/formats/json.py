"""json: the results document itself."""

import msgspec

from harness.report.formats.format import Format
from harness.results.encoding import encoded
from harness.results.model import Results


class Json(Format):
    """As it lies in the run's folder."""

    summary = "the results document"

    def render(self, results: Results) -> str:
        """Indented JSON."""
        return msgspec.json.format(encoded(results), indent=1).decode()


FORMAT = Json()
