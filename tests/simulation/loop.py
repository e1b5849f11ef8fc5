"""An event loop on a virtual clock: time jumps to the next timer, and who owns a step can be killed or paused at it.

Nothing waits and nothing runs beside it, so a story takes as long as its computing does, and the same seed takes the
same steps. What threads would do (:meth:`VirtualLoop.run_in_executor`) is done on the loop, after a virtual time.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
from collections.abc import Callable, Coroutine, Iterator
from contextvars import ContextVar
from typing import Any


class Deadlock(Exception):
    """Everybody waits for something that will not come."""


class Owner:
    """A process, or one invocation of a Worker: whatever dies as a whole, at any step, without a last word.

    Its steps are the callbacks of the loop that were scheduled from within it. A paused owner's steps are held back
    until it goes on; a dead one's for ever (until the story's end, when everything is cleared away).
    """

    def __init__(self, name: str, *, began: float = 0.0) -> None:
        self.name, self.began = name, began
        self.alive, self.paused = True, False
        self.steps = 0
        self.dies_at: int | None = None
        self.held: list[asyncio.Handle] = []
        self.mourners: list[Callable[[], None]] = []
        self._is_buried = False

    def admits(self, handle: asyncio.Handle) -> bool:
        """Whether the step may be taken now. Counts it, and dies if this is the one."""
        self.steps += 1
        if self.dies_at is not None and self.steps >= self.dies_at:
            self.kill()
        if self.alive and not self.paused:
            return True
        self.held.append(handle)
        return False

    def kill(self) -> None:
        if not self.alive or self._is_buried:
            return
        self.alive = False
        for mourner in self.mourners:
            mourner()
        self.mourners.clear()

    def pause(self) -> None:
        self.paused = True

    def resume(self, loop: VirtualLoop) -> None:
        """Goes on where it was: what came due in the meantime comes first, in its order."""
        self.paused = False
        if self.alive:
            self.release(loop)

    def bury(self, loop: VirtualLoop) -> None:
        """Lets everything that is left be cancelled."""
        self.alive, self.paused, self._is_buried = True, False, True
        self.release(loop)

    def release(self, loop: VirtualLoop) -> None:
        held, self.held = self.held, []
        loop.admit_again(held)


OWNER: ContextVar[Owner | None] = ContextVar("owner", default=None)


class _Step(asyncio.Handle):
    __slots__ = ("owner",)
    owner: Owner

    def _run(self) -> None:
        if self.owner.admits(self):
            super()._run()


class _TimedStep(asyncio.TimerHandle):
    __slots__ = ("owner",)
    owner: Owner

    def _run(self) -> None:
        if self.owner.admits(self):
            super()._run()


class Task(asyncio.Task[Any]):
    """With a hash that is the same in every run: asyncio keeps tasks in sets, and goes through them."""

    def __init__(
        self, coro: Coroutine[Any, Any, Any], *, number: int, context: contextvars.Context, **kwargs: Any
    ) -> None:
        self._number, self.owner = number, context.get(OWNER)
        super().__init__(coro, context=context, **kwargs)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class _Selector:
    """Instead of waiting, moves the clock to the next timer."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self._loop.jump()
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """``takes_s`` says how long a call in an executor takes."""

    def __init__(self, *, takes_s: Callable[[object], float] = lambda executor: 0.0) -> None:
        self._selector = _Selector(self)
        self._virtual, self._tasks, self._takes_s = 0.0, 0, takes_s
        self._slots: dict[int, tuple[object, asyncio.Semaphore]] = {}
        self.living: dict[Task, None] = {}
        self._signals: dict[tuple[Owner | None, int], Callable[[], object]] = {}
        self.on_escape: Callable[[BaseException], None] = lambda error: None
        super().__init__()

    def time(self) -> float:
        return self._virtual

    def jump(self) -> None:
        self._virtual = max(self._virtual, self._scheduled[0].when())  # type: ignore[attr-defined]

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def _call_soon(
        self, callback: Callable[..., Any], args: tuple[Any, ...], context: contextvars.Context | None
    ) -> asyncio.Handle:
        context = context or contextvars.copy_context()
        owner = context.get(OWNER)
        handle: asyncio.Handle
        if owner is None:
            handle = asyncio.Handle(callback, args, self, context)
        else:
            handle = _Step(callback, args, self, context)
            handle.owner = owner
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        context = context or contextvars.copy_context()
        owner = context.get(OWNER)
        timer: asyncio.TimerHandle
        if owner is None:
            timer = asyncio.TimerHandle(when, callback, args, self, context)
        else:
            timer = _TimedStep(when, callback, args, self, context)
            timer.owner = owner
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def admit_again(self, handles: list[asyncio.Handle]) -> None:
        """Steps that were held back; those that were cancelled meanwhile are skipped by the loop."""
        self._ready.extend(handles)  # type: ignore[attr-defined]

    def create_task(  # type: ignore[override]
        self, coro: Any, *, name: str | None = None, context: contextvars.Context | None = None, **_: Any
    ) -> Task:
        self._tasks += 1
        context = context or contextvars.copy_context()
        task = Task(coro, number=self._tasks, loop=self, name=name or f"task-{self._tasks}", context=context)
        self.living[task] = None
        task.add_done_callback(self._forget, context=contextvars.Context())
        return task

    def _forget(self, task: Any) -> None:
        self.living.pop(task, None)
        # Not task.exception(), which would hide from the loop that nobody asks for it.
        error = task._exception
        if error is not None and (not isinstance(error, Exception) or task.owner is None):
            self.on_escape(error)

    def spawn(self, coro: Coroutine[Any, Any, Any], owner: Owner | None) -> Task:
        """A task in a fresh context, owned by ``owner`` or by the world."""
        context = contextvars.Context()
        context.run(OWNER.set, owner)
        return self.create_task(coro, context=context)

    def add_signal_handler(  # type: ignore[override]
        self, sig: int, callback: Callable[[], object]
    ) -> None:
        """For signals to the owner of this step: see :meth:`signal`."""
        self._signals[OWNER.get(), sig] = callback

    def signal(self, owner: Owner, sig: int) -> bool:
        """Sends a signal to a process; whether it has a handler for it."""
        handler = self._signals.get((owner, sig))
        if handler is None:
            return False
        context = contextvars.Context()
        context.run(OWNER.set, owner)
        self.call_soon(handler, context=context)
        return True

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As many calls at a time as the executor has threads; cancelling the future stops no call that has begun."""
        future = self.create_future()
        self.create_task(self._work(executor, future, func, args))
        return future

    async def _work(
        self, executor: Any, future: asyncio.Future[Any], func: Callable[..., Any], args: tuple[Any, ...]
    ) -> None:
        async with self._threads(executor):
            if future.cancelled():
                return
            result = _Outcome(func, args)
            await asyncio.sleep(self._takes_s(executor))
        if not future.done():
            result.settle(future)

    def _threads(self, executor: Any) -> asyncio.Semaphore:
        if executor is None:
            return asyncio.Semaphore()
        if id(executor) not in self._slots:
            width = executor._max_workers
            self._slots[id(executor)] = (executor, asyncio.Semaphore(width))
        return self._slots[id(executor)][1]

    def bury(self, owners: Iterator[Owner]) -> None:
        """The end: everything that is left is cancelled, the dead and the paused too, so that nothing stays behind."""
        for owner in owners:
            owner.bury(self)
        for _ in range(100):
            tasks = [task for task in self.living if task is not asyncio.current_task(self)]
            if not tasks:
                return
            for task in tasks:
                task.cancel()
            self.run_until_complete(asyncio.sleep(0))
        raise Deadlock(f"{len(self.living)} tasks do not end")


def settle(future: asyncio.Future[Any], value: Any) -> None:
    """Sets a future's result, if it has none yet."""
    if not future.done():
        future.set_result(value)


class _Outcome:
    """What a call returned or raised."""

    def __init__(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._value: Any = None
        self._error: Exception | None = None
        try:
            self._value = func(*args)
        except Exception as error:  # noqa: BLE001 - as a thread pool: whatever it is goes to the caller
            self._error = error

    def settle(self, future: asyncio.Future[Any]) -> None:
        if self._error is not None:
            future.set_exception(self._error)
        else:
            future.set_result(self._value)
