"""URLs: no text of one shows a secret, whatever it is made of, and libraries are given what was meant."""

import string
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kombu.utils.url import url_to_parts
from redis.connection import parse_url

from harness.contenders.celery.config import connections
from harness.errors import UsageError
from harness.services.brokers.broker import RPC, as_text, backend_url, broker_url, place_of
from harness.services.origin import origin_url
from harness.services.postgres import postgres_url
from harness.services.redis_client import client
from harness.services.url import Url
from harness.services.waiting_places import waiting_place
from tests.drawn import CHARACTERS

SECRET = "s3cr3t"  # noqa: S105 - made up
PASSWORDS = st.text(string.ascii_letters + string.digits + "!$%&*+-.:;=_~@/?#[]{} é", min_size=1).map(
    lambda text: f"Q{text}Q"
)
READERS = {
    "redis://me:{}@h:6379/1": broker_url,
    "rediss://:{}@h/0": broker_url,
    "redis://h:6379/0?password={}": broker_url,
    "rediss://h/0?ssl_password={}": broker_url,
    "amqp://me:{}@h:5672//": broker_url,
    "redis://:{}@h/2": backend_url,
    "http://me:{}@127.0.0.1:8000": origin_url,
    "https://{}@h/base/": origin_url,
    "postgresql://me:{}@h:5432/db?sslmode=require": postgres_url,
    "postgresql://h/db?user=me&password={}": postgres_url,
    "postgresql://h/db?sslpassword={}": postgres_url,
}


@pytest.mark.parametrize("form", READERS)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(PASSWORDS)
@example("Qp@ssQ")
@example("Q%41Q")
def test_no_text_of_a_url_shows_its_secret(form: str, password: str) -> None:
    """Neither `str`, `repr`, nor a format; `reveal` holds it, percent-encoded, and is read as the same again."""
    url = READERS[form](form.format(quote(password, safe="")))
    texts = [str(url), repr(url), f"{url}", f"{url!r}", f"{[url]}", "%s" % url, url.shown, repr({"url": url})]  # noqa: UP031
    assert not any(password in text or quote(password, safe="") in text for text in texts)
    assert "***" in url.shown
    assert quote(password, safe="") in url.reveal()
    assert Url.parse(url.reveal(), "here", "example") == url
    assert password not in url.hidden_in(f"error of {password}, {quote(password, safe='')}")


@pytest.mark.parametrize("before", ["redis://me:77", "redis://me:77@34", "amqp://me:77", "http://me:77", "http://77"])
@pytest.mark.parametrize("sign", "/?")
def test_a_password_that_is_taken_for_a_path_or_a_query_is_refused_unseen(before: str, sign: str) -> None:
    """What stands in front of its sign may be a port, so that the rest would be shown as a database or an option."""
    for read in (broker_url, origin_url, postgres_url):
        with pytest.raises(UsageError) as caught:
            read(f"{before}{sign}{SECRET}@h/0")
        assert SECRET not in str(caught.value)
        assert "77" not in str(caught.value)


@pytest.mark.parametrize("text", ["redis+socket:///tmp/a%00b", "rediss://h?ssl_ca_certs=%00", "redis://:a%00b@h"])
def test_no_part_of_a_url_has_a_nul(text: str) -> None:
    """Libraries of C end their texts there."""
    with pytest.raises(UsageError, match=r"NUL \(%00\)"):
        broker_url(text)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.one_of(st.text(CHARACTERS, max_size=40), st.text(string.punctuation + "ab01", max_size=20)))
def test_any_text_is_a_url_or_bad_usage_and_shows_no_secret(text: str) -> None:
    """Never another error; wherever the password ends, and whatever comes in front of an option."""
    for form in (f"redis://:{SECRET}{text}@h", f"redis://h{text}?password={SECRET}", f"http://:{SECRET}{text}"):
        for read in (broker_url, origin_url, postgres_url):
            try:
                shown = read(form).shown
            except UsageError as error:
                shown = str(error)
            assert SECRET not in shown


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (broker_url, "redis://[", "no IPv6 address"),
        (broker_url, "amqp://[", "no IPv6 address"),
        (broker_url, "redis://::1:6379", "IPv6 address without brackets"),
        (broker_url, "redis://:pa/ss@h/0", r"in a password, write / as %2F"),
        (broker_url, "redis://:pa#ss@h/0", r"write %23"),
        (broker_url, "redis://h:abc/0", "no number from 1 to 65535"),
        (broker_url, "redis://h:0/0", "no number from 1 to 65535"),
        (broker_url, "redis://h/abc", "number of a database"),
        (broker_url, "redis://h/-1", "number of a database"),
        (broker_url, "redis://h/0?x=1", "unknown option 'x'"),
        (broker_url, "redis://h/0?visibility_timout=1", "Did you mean 'visibility_timeout'"),
        (broker_url, "redis://h/0?visibility_timeout=soon", "visibility_timeout is none that Celery takes"),
        (broker_url, "redis://h/0?ssl_cert_reqs=CERT_REQUIRED", "is for rediss://"),
        (broker_url, "rediss://h/0?ssl_cert_reqs=maybe", "expected ssl_cert_reqs to be one of"),
        (broker_url, "redis://h/0?db=1&db=2", "more than once"),
        (broker_url, "redis:///0", "no host"),
        (broker_url, "sentinel://h:26379/0", "expected a URL such as .*redis://HOST"),
        (broker_url, f"redis://{'a' * 300}/0", "longer than"),
        (broker_url, f"redis://{'a' * 64}.b/0", "longer than"),
        (broker_url, "redis://h\x00/0", "cannot be printed"),
        (broker_url, "redis://h/0?password=%ff", "not UTF-8"),
        (broker_url, "amqp://h//?heartbeat=1", "no options"),
        (broker_url, "h:6379", "no scheme"),
        (broker_url, "", "no scheme"),
        (broker_url, "redis+socket://h/x", "path of its socket"),
        (backend_url, "amqp://h", "expected redis://HOST:6379/0 or rpc://"),
        (origin_url, "http://127.0.0.1:99999", "no number from 1 to 65535"),
        (origin_url, "http://h:abc", "no number from 1 to 65535"),
        (origin_url, "ftp://h", "expected a URL such as http://"),
        (origin_url, "http://h/?x=1", "without a query"),
        (postgres_url, "postgresql://[", "no IPv6 address"),
        (postgres_url, "postgresql://h/db?x=1", "unknown option 'x'"),
    ],
)
def test_what_is_no_url_of_that_service_is_bad_usage_with_the_reason(read: object, text: str, reason: str) -> None:
    """Of the kind that is a number, a name or a bracket too much; the option is named."""
    assert callable(read)
    with pytest.raises(UsageError, match=reason) as told:
        read(text)
    assert str(told.value).startswith(("--broker", "--result-backend", "--origin", "--postgres", "unknown option"))


@pytest.mark.parametrize(
    ("text", "revealed"),
    [
        ("redis://:p@ss@h:6379/0", "redis://:p%40ss@h:6379/0"),
        ("redis://h", "redis://h"),
        ("valkey://h/1", "redis://h/1"),
        ("valkeys://h/1", "rediss://h/1?ssl_cert_reqs=required"),
        ("rediss://h/0?ssl_cert_reqs=CERT_NONE", "rediss://h/0?ssl_cert_reqs=none"),
        ("redis://h?db=3&username=me&password=a b".replace(" ", "%20"), "redis://me:a%20b@h/3"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
        ("redis://[::1]:6379/0", "redis://[::1]:6379/0"),
        ("amqp://me:a/b@h//".replace("/b", "%2Fb"), "amqp://me:a%2Fb@h//"),
    ],
)
def test_libraries_are_given_one_spelling(text: str, revealed: str) -> None:
    """Whichever the user has: kombu would not take a password in the query, nor redis-py a raw @."""
    assert broker_url(text).reveal() == revealed


@settings(max_examples=50, deadline=None, derandomize=True)
@given(PASSWORDS)
def test_redis_and_kombu_read_the_password_that_was_meant(password: str) -> None:
    """With every character."""
    url = broker_url(f"redis://me:{quote(password, safe='')}@h:1/3")
    assert url_to_parts(url.reveal()).password == password
    assert parse_url(url.reveal())["password"] == password  # type: ignore[no-untyped-call]


def test_settings_of_celery_in_a_url_are_settings_of_its_transport() -> None:
    """redis-py would fail on them; they are shown in the results."""
    place = waiting_place(broker_url("redis://:pw@h/0?visibility_timeout=43200&socket_keepalive=true"), None)
    settings_ = connections(place)
    assert settings_["broker_url"] == "redis://:pw@h/0"
    assert settings_["broker_transport_options"]["visibility_timeout"] == 43200
    assert settings_["broker_transport_options"]["socket_keepalive"] is True
    assert place.url.shown == "redis://:***@h/0?visibility_timeout=43200&socket_keepalive=true"
    assert client(place.url).connection_pool.connection_kwargs["password"] == "pw"  # noqa: S105


def test_a_place_goes_to_a_child_and_back() -> None:
    """By its environment, or a socket."""
    place = waiting_place(broker_url("amqp://me:p%40ss@h//"), RPC)
    assert place_of(as_text(place)) == place
    assert SECRET not in repr(waiting_place(broker_url(f"redis://:{SECRET}@h"), None))


def test_a_url_cannot_be_written_by_accident() -> None:
    """Neither JSON library takes it."""
    with pytest.raises(TypeError):
        msgspec.json.encode({"url": broker_url(f"redis://:{SECRET}@h")})
