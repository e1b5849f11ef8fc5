"""A Worker that opens the Platform adapter to a test over HTTP: each operation one request.

It stands in for ``entry.py``, whose adapter it imports as ``worker_entry``, so what is tested is the code that ships.
"""

import json
from typing import Any

from pyodide.ffi import to_js
from worker_entry import CloudflarePlatform, _RequestBody
from workers import Response, WorkerEntrypoint

from edge.page_copy import PageFault, Rules, copy_page
from edge.platform import ABSENT, EtagIs, FetchError, PlatformError, Point


def info(found: Any) -> Any:
    if found is None:
        return None
    return {
        "key": found.key,
        "size": found.size,
        "etag": found.etag,
        "uploaded": found.uploaded.isoformat(),
        "content_type": found.content_type,
    }


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.arguments = json.loads(headers.get("x-arguments", "{}"))
        self.body = _RequestBody(request.js_object.body, headers.get("content-length"))
        self.platform = CloudflarePlatform(self.env, self.ctx)
        operation = request.url.rsplit("/", 1)[1]
        try:
            return await getattr(self, operation)(**self.arguments)
        except ValueError as error:
            return Response.from_json({"error": "ValueError", "detail": str(error)}, status=400)
        except PlatformError as error:
            return Response.from_json({"error": "PlatformError", "detail": str(error)}, status=502)
        except FetchError as error:
            return Response.from_json({"error": "FetchError", "detail": str(error)}, status=504)

    async def scheduled(self, controller, env=None, ctx=None):
        pass

    async def kv_get(self, key):
        return Response.from_json({"value": await self.platform.kv.get(key)})

    async def kv_put(self, **arguments):
        await self.platform.kv.put(value=(await self.body.read(30_000_000)).decode(), **arguments)
        return Response.from_json({})

    async def kv_delete(self, key):
        await self.platform.kv.delete(key)
        return Response.from_json({})

    async def kv_list(self, **arguments):
        page = await self.platform.kv.list(**arguments)
        keys = [[key.name, dict(key.metadata)] for key in page.keys]
        return Response.from_json({"keys": keys, "cursor": page.cursor})

    async def bucket_head(self, key):
        return Response.from_json({"info": info(await self.platform.bucket.head(key))})

    async def bucket_read(self, key):
        found = await self.platform.bucket.read(key)
        if found is None:
            return Response.from_json(None, status=404)
        return Response(to_js(found[1]), headers={"x-info": json.dumps(info(found[0]))})

    async def bucket_open(self, **arguments):
        found = await self.platform.bucket.open(**arguments)
        if found is None:
            return Response.from_json(None, status=404)
        return Response(found.stream.js_stream, headers={"x-info": json.dumps(info(found.info))})

    async def bucket_put(self, key, content_type, condition, streamed):
        only_if = None if condition is None else ABSENT if condition == "absent" else EtagIs(condition)
        data = self.body if streamed else await self.body.read(100_000_000)
        stored = await self.platform.bucket.put(key, data, content_type=content_type, only_if=only_if)
        return Response.from_json({"info": info(stored)})

    async def bucket_delete(self, key):
        await self.platform.bucket.delete(key)
        return Response.from_json({})

    async def bucket_list(self, **arguments):
        page = await self.platform.bucket.list(**arguments)
        return Response.from_json({"objects": [info(found) for found in page.objects], "cursor": page.cursor})

    async def fetch_once(self, **arguments):
        answer = await self.platform.fetch(body=await self.body.read(10_000_000), **arguments)
        return Response(to_js(answer.body), headers={"x-answer": json.dumps([answer.status, dict(answer.headers)])})

    async def copy_page(self, url, key, max_bytes, timeout_s):
        rules = Rules(max_bytes, self.platform.now() + timeout_s, allow_private=True)
        try:
            await copy_page(self.platform, url, key, rules)
        except PageFault as fault:
            return Response.from_json({**fault.error.to_json(), "passes": fault.passes})
        return Response.from_json(None)

    async def allow(self, key):
        return Response.from_json({"allowed": await self.platform.allow(key)})

    async def measure(self, **point):
        self.platform.measure(Point(**point))
        return Response.from_json({})

    async def sleep(self, seconds):
        await self.platform.sleep(seconds)
        return Response.from_json({})

    async def clock(self):
        return Response.from_json({"now": self.platform.now(), "random": self.platform.random_bytes(16).hex()})
