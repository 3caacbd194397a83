"""No text that others wrote keeps a secret of the run's."""

from harness.services.origin import origin_url
from harness.services.postgres import postgres_url
from harness.session.hiding import hidden


def test_a_line_of_a_log_that_quotes_a_url_is_shown_without_its_secrets() -> None:
    """Of whichever service, however it is spelt."""
    urls = [postgres_url("postgresql://me:p%40ss@h/db"), origin_url("http://u:s3cr3t@h")]
    said = (
        "it ended; its last lines:\n    cannot connect to postgresql://me:p%40ss@h/db (p@ss)\n    GET http://u:s3cr3t@h"
    )
    assert hidden(said, urls) == (
        "it ended; its last lines:\n    cannot connect to postgresql://me:***@h/db (***)\n    GET http://u:***@h"
    )
