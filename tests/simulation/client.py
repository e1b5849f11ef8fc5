"""Clients: they create jobs, upload, start, poll, cancel, ask again what got no answer, and sometimes go away."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contract.grant import Grant
from contract.listing import JobItem, JobList
from contract.view import JobView, Upload
from tests.simulation.engines import page_file
from tests.simulation.message import Answer, Message, NoAnswer
from tests.simulation.network import Network
from tests.simulation.oracle import Oracle
from tests.simulation.weather import Fault, Weather

_TIMEOUT_S = 30.0
_PATIENCE_S = 45.0
"""Of a poll, which may be held."""
_POLLS_AFTER_THE_END = 2
_HELD_S = (3, 10, 25)
"""For how long a poll asks to be held."""


@dataclass(frozen=True, slots=True)
class Customer:
    """An owner of jobs, and the API key."""

    owner: str
    key: str


@dataclass(slots=True)
class Order:
    """What one client wants: ``number`` is the job's in this story; ids come with the answers."""

    number: int
    pages: int
    image_format: str
    webhook: str | None
    customer: Customer
    urls: dict[int, str] = field(default_factory=dict)
    """Pages that the orchestrator fetches; the others are uploaded."""
    generation: int = 0
    job_id: str = ""
    monitor: str = ""
    uploads: dict[int, Grant] = field(default_factory=dict)
    is_started: bool = False
    is_seen_through: bool = False
    is_over: bool = False
    """The client has done what it will do."""


class Client:
    """The customers' program."""

    def __init__(
        self,
        network: Network,
        weather: Weather,
        chance: random.Random,
        oracle: Oracle,
        *,
        url: str,
        customers: tuple[Customer, ...],
        spawn: Callable[[Any], Any],
        orders: list[Order],
    ) -> None:
        self._network, self._weather, self._chance, self._oracle = network, weather, chance, oracle
        self._url, self._customers, self._spawn, self._orders = url, customers, spawn, orders
        self.is_late = False
        """The days after the storm: nobody polls any more."""

    async def run(self, order: Order, *, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._create(order)
        self._watch(order)
        if self._weather.strikes(Fault.CANCELED):
            self._spawn(self._cancel(order, after_s=self._chance.choice((5, 60, 300)) * self._chance.random()))
        if self._weather.strikes(Fault.CLIENT_GONE):
            order.is_started, order.is_over = len(order.urls) == order.pages, True
            return
        await self._upload(order)
        await self._start(order)
        order.is_over = True

    async def look_around(self, customer: Customer) -> None:
        """Lists the customer's jobs now and then, and asks for one that is another's."""
        while not self.is_late:
            await asyncio.sleep(self._chance.uniform(5, 120))
            items = await self.list(customer, limit=self._chance.choice((1, 2, 20)))
            if items is not None:
                self._oracle.listings.listed(customer.owner, items)
            await self._pry(customer)

    async def list(self, customer: Customer, *, limit: int) -> list[JobItem] | None:
        """A whole listing, part by part; ``None`` where a part did not come."""
        items: list[JobItem] = []
        cursor = ""
        while True:
            url = f"{self._url}/jobs?limit={limit}{f'&cursor={cursor}' if cursor else ''}"
            try:
                answer = await self._network.exchange(
                    f"lister-{customer.owner}", Message("GET", url, _authorized(customer)), timeout_s=_TIMEOUT_S
                )
            except NoAnswer:
                return None
            if answer.status != 200:
                return None
            part = JobList.parse(answer.body)
            items += part.jobs
            if part.cursor is None:
                return items
            cursor = part.cursor

    async def _pry(self, customer: Customer) -> None:
        others = [order.job_id for order in self._orders if order.job_id and order.customer != customer]
        if not others:
            return
        job_id = self._chance.choice(others)
        message = Message("GET", f"{self._url}/jobs/{job_id}", _authorized(customer))
        try:
            answer = await self._network.exchange(f"pryer-{customer.owner}", message, timeout_s=_TIMEOUT_S)
        except NoAnswer:
            return
        self._oracle.listings.check_foreign(customer.owner, job_id, answer.status)

    def _watch(self, order: Order) -> None:
        self._spawn(self._poll(order, token=False))
        if self._chance.random() < 0.5:
            self._spawn(self._poll(order, token=True))

    async def _create(self, order: Order) -> None:
        body: dict[str, Any] = {
            "pages": [self._page(order, page) for page in range(1, order.pages + 1)],
            "chapter_id": f"chapter-{order.number}",
            "series_id": "series-1" if order.number % 4 else None,
            "options": {"image_format": order.image_format},
            "webhook_url": order.webhook,
        }
        message = self._message(
            order, "POST", "/jobs", {name: value for name, value in body.items() if value is not None}
        )
        message.headers["idempotency-key"] = f"order-{order.number}"  # type: ignore[index]
        if self._weather.strikes(Fault.IMPATIENT):
            self._spawn(self._created_again(order, message))
        answer = await self._insist(message, accepted=(202,))
        self._take(order, answer)

    def _page(self, order: Order, page: int) -> dict[str, str]:
        return {"url": order.urls[page]} if page in order.urls else {"upload": "image/png", "name": f"{page}.png"}

    async def _created_again(self, order: Order, message: Message) -> None:
        answer = await self._insist(message, accepted=(202,))
        self._oracle.witnesses.answered_create(order.number, JobView.parse(answer.body).id)

    def _take(self, order: Order, answer: Answer) -> None:
        view = JobView.parse(answer.body)
        order.job_id = view.id
        if order.generation == 0:
            self._oracle.witnesses.answered_create(order.number, view.id)
        self._oracle.witnesses.saw(f"client-{order.number}", view)
        self._learn(order, view.uploads)
        order.monitor = answer.headers["link"].partition(">")[0].removeprefix("<")

    def _learn(self, order: Order, uploads: tuple[Upload, ...]) -> None:
        order.uploads |= {upload.page: upload.grant for upload in uploads}

    async def _upload(self, order: Order) -> None:
        for page, grant in list(order.uploads.items()):
            await self._put(order, page, grant)

    async def _put(self, order: Order, page: int, grant: Grant) -> None:
        """Leaves it after some tries: ``start`` will say what is missing."""
        for _ in range(4):
            message = Message("PUT", grant.url, dict(grant.headers), page_file(order.number, page))
            try:
                answer = await self._network.exchange(self._name(order), message, timeout_s=60)
            except NoAnswer:
                continue
            if answer.status in (200, 412, 403, 401):
                return
            await asyncio.sleep(self._chance.uniform(0.5, 3))

    async def _start(self, order: Order) -> None:
        while True:
            message = self._message(order, "POST", f"/jobs/{order.job_id}/start")
            answer = await self._insist(message, accepted=(200, 202, 409, 410))
            if answer.status != 409:
                order.is_started = answer.status in (200, 202)
                return
            problem = json.loads(answer.body)
            fresh = [Upload.from_json(item, "uploads") for item in problem.get("uploads", [])]
            for upload in fresh:
                await self._put(order, upload.page, upload.grant)
            await asyncio.sleep(1)

    async def _cancel(self, order: Order, *, after_s: float) -> None:
        await asyncio.sleep(after_s)
        message = self._message(order, "POST", f"/jobs/{order.job_id}/cancel")
        answer = await self._insist(message, accepted=(200, 202, 410))
        if answer.status == 202:
            self._oracle.witnesses.saw(f"canceler-{order.number}", JobView.parse(answer.body))

    async def _poll(self, order: Order, *, token: bool) -> None:
        """Sequential polls: whatever location answers, nothing that was seen goes back."""
        who, etag, left = f"poller-{order.number}.{order.generation}{'t' if token else ''}", "", _POLLS_AFTER_THE_END
        while left and not self.is_late:
            await asyncio.sleep(self._chance.uniform(2, 40))
            path = order.monitor if token else f"{self._url}/jobs/{order.job_id}"
            headers = {} if token else _authorized(order.customer)
            if self._chance.random() < 0.4:
                path = f"{path}{'&' if token else '?'}wait={self._chance.choice(_HELD_S)}"
            if etag and self._chance.random() < 0.5:
                headers["if-none-match"] = etag
            try:
                answer = await self._network.exchange(who, Message("GET", path, headers), timeout_s=_PATIENCE_S)
            except NoAnswer:
                continue
            if answer.status == 200:
                etag, view = answer.headers["etag"], JobView.parse(answer.body)
                self._oracle.witnesses.saw(who, view)
                left -= view.status.is_terminal
                if view.status.is_terminal and not token and not order.is_seen_through:
                    order.is_seen_through = True
                    self._see_through(order, view)
            elif answer.status in (401, 410):
                self._oracle.witnesses.turned_away(order.job_id, answer.status)
                return

    def _see_through(self, order: Order, view: JobView) -> None:
        """What a client may do about a job that has ended."""
        if view.counts["failed"] and order.generation < 2 and self._weather.strikes(Fault.RETRIES):
            self._spawn(self._retry(order, view))
        if order.webhook and self._weather.strikes(Fault.REDELIVERS):
            path = f"/jobs/{order.job_id}/webhooks/{view.webhook.event_id}/redeliver"
            self._spawn(self._insist(self._message(order, "POST", path), accepted=(200, 202)))

    async def _retry(self, order: Order, view: JobView) -> None:
        """A new job; another client may have been quicker."""
        failed = [page.page for page in view.pages if page.error]
        page = self._chance.choice((0, self._chance.choice(failed)))
        path = f"/jobs/{order.job_id}/pages/{page}/retry" if page else f"/jobs/{order.job_id}/retry"
        message = self._message(order, "POST", path)
        if self._weather.strikes(Fault.IMPATIENT):
            self._spawn(self._insist(message, accepted=(202, 409, 410)))
        answer = await self._insist(message, accepted=(202, 409, 410))
        if answer.status != 202:
            self._oracle.witnesses.refused_retry(order.job_id, answer)
            return
        successor = Order(
            order.number,
            order.pages,
            order.image_format,
            order.webhook,
            order.customer,
            generation=order.generation + 1,
        )
        self._take(successor, answer)
        self._oracle.witnesses.retried(order.job_id, successor.job_id)
        successor.is_started = successor.is_over = True
        self._orders.append(successor)
        self._watch(successor)

    async def _insist(self, message: Message, *, accepted: tuple[int, ...]) -> Answer:
        """Asks until there is an answer that counts."""
        while True:
            try:
                answer = await self._network.exchange("client", message, timeout_s=_TIMEOUT_S)
            except NoAnswer:
                answer = Answer(0)
            if answer.status in accepted:
                return answer
            if 400 <= answer.status < 500 and answer.status not in (409, 425, 429):
                self._oracle.violated(f"{message.method} {message.path} was answered {answer.status}: {answer.body!r}")
            await asyncio.sleep(self._chance.uniform(0.5, 8))

    def _message(self, order: Order, method: str, path: str, body: dict[str, Any] | None = None) -> Message:
        headers = _authorized(order.customer)
        if body is None:
            return Message(method, f"{self._url}{path}", headers)
        headers["content-type"] = "application/json"
        return Message(method, f"{self._url}{path}", headers, json.dumps(body).encode())

    def _name(self, order: Order) -> str:
        return f"client-{order.number}"


def _authorized(customer: Customer) -> dict[str, str]:
    return {"authorization": f"Bearer {customer.key}"}
