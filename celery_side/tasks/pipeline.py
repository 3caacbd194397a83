"""Celery: a chain of three tasks, each called with the result of the previous one.

Results of the first two tasks are passed on in messages, so they need not be stored. Their errors are stored:
otherwise, waiting for the last task would never return after an earlier one had failed.
"""

import json
from typing import Any

from celery import Signature, chain

from celery_side.app import app
from celery_side.http import answer_to, get_json
from workloads.side import CelerySide

BETWEEN: dict[str, Any] = {"ignore_result": True, "store_errors_even_if_ignored": True}


@app.task(name="pipeline.fetch", **BETWEEN)
def fetch(order: int, base_url: str, query: str) -> dict[str, int]:
    """Fetch the order."""
    return {"order": order, "customer": get_json(f"{base_url}/orders/{order}{query}")["customer"]}


@app.task(name="pipeline.look_up", **BETWEEN)
def look_up(found: dict[str, int], base_url: str, query: str) -> dict[str, int]:
    """Look up the customer's discount."""
    return found | {"discount": get_json(f"{base_url}/customers/{found['customer']}{query}")["discount"]}


@app.task(name="pipeline")
def pipeline(invoice: dict[str, int], base_url: str, query: str) -> Any:
    """Store the invoice."""
    url = f"{base_url}/invoices{query}"
    with answer_to("POST", url, json=invoice) as answer:
        return json.loads(answer.body())


def canvas(order: int, base_url: str, query: str) -> Signature:
    """The chain of the three tasks."""
    return chain(fetch.s(order, base_url, query), look_up.s(base_url, query), pipeline.s(base_url, query))


SIDE = CelerySide(task=pipeline, canvas=canvas)
