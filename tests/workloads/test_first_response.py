"""The first good answer of several mirrors, on the asyncio side."""

import asyncio
import gc
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from asyncio_side.first_response import first_response


class Mirrors:
    """A session in which all answer at once: `good` with their number, the others with an error."""

    def __init__(self, *good: str) -> None:
        self._good = good

    @asynccontextmanager
    async def get(self, url: str) -> Any:
        """One of them."""
        if url not in self._good:
            raise ConnectionResetError(url)

        async def json() -> dict[str, int]:
            return {"mirror": int(url)}

        yield SimpleNamespace(json=json)


async def test_a_mirror_that_fails_beside_a_good_one_leaves_no_error_behind() -> None:
    """An exception that nobody has asked for is logged once its task is collected."""
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    for good in "0123":
        assert await first_response(Mirrors(good), list("0123")) == int(good)  # type: ignore[arg-type]  # a double
    gc.collect()
    assert said == []


async def test_where_all_fail_all_are_named() -> None:
    """In one group."""
    with pytest.raises(BaseExceptionGroup) as raised:
        await first_response(Mirrors(), list("01"))  # type: ignore[arg-type]  # a double
    assert sorted(map(str, raised.value.exceptions)) == ["0", "1"]
