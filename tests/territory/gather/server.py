"""A small web server on this machine that misbehaves as it is told: cuts, moves, ignores ranges, lies, is late."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODIFIED = "Wed, 01 Jul 2026 00:00:00 GMT"


@dataclass
class Asked:
    """One request as it came."""

    path: str
    range: str
    if_range: str


@dataclass
class Site:
    """Files by path, how each is served, and what was asked so far.

    ways : path -> what to do instead of serving the file well; called with the handler and the number
        of this path's request, from 1; True where it has answered.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    ways: dict[str, Callable[[Handler, int], bool]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def put(self, path: str, content: bytes, etag: str = '"one"', way: Callable[[Handler, int], bool] | None = None) -> str:  # fmt: skip
        self.files[path], self.etags[path] = content, etag
        if way is not None:
            self.ways[path] = way
        return self.address + path

    def times(self, path: str) -> int:
        return sum(one.path == path for one in self.asked)


class Handler(BaseHTTPRequestHandler):
    """Serves a site; HTTP/1.1 with ranges, ETag and If-Range, as good servers do."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        headers = self.headers
        self.site.asked.append(Asked(self.path, headers.get("Range", ""), headers.get("If-Range", "")))
        way = self.site.ways.get(self.path)
        if way is not None and way(self, self.site.times(self.path)):
            return
        if self.path not in self.site.files:
            self.answer(404, b"<html>not here</html>")
            return
        self.well()

    def well(self, *, upto: int | None = None, ranges: bool = True) -> None:
        """The file, or the rest of it; cut after ``upto`` bytes of the body."""
        content, etag = self.site.files[self.path], self.site.etags[self.path]
        start = 0
        asked = self.headers.get("Range", "")
        if ranges and asked and self.headers.get("If-Range", etag) in (etag, MODIFIED):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}", "ETag": etag})
                return
        body = content[start:]
        said = {"ETag": etag, "Last-Modified": MODIFIED} if etag else {}
        if start:
            said["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(206 if start else 200, body if upto is None else body[:upto], said, length=len(body))

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None, *, length: int | None = None) -> None:  # fmt: skip
        """length : what Content-Length says; where it is not the body's own, the connection closes after it."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        said = len(body) if length is None else length
        self.send_header("Content-Length", str(said))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.close_connection = said != len(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def cuts(*after: int) -> Callable[[Handler, int], bool]:
    """The first answers break off after so many bytes each; the later ones are whole."""

    def way(handler: Handler, turn: int) -> bool:
        if turn > len(after):
            return False
        handler.well(upto=after[turn - 1])
        return True

    return way


def answers(*statuses: int, headers: dict[str, str] | None = None) -> Callable[[Handler, int], bool]:
    """The first answers are these; the later ones serve the file."""

    def way(handler: Handler, turn: int) -> bool:
        if turn > len(statuses):
            return False
        handler.answer(statuses[turn - 1], b"<html>no</html>", headers)
        return True

    return way


def moves(to: str, status: int = 302) -> Callable[[Handler, int], bool]:
    def way(handler: Handler, _: int) -> bool:
        handler.answer(status, b"", {"Location": to})
        return True

    return way


def is_late(seconds: float, times: int) -> Callable[[Handler, int], bool]:
    """The first answers begin well and then say nothing for so long."""

    def way(handler: Handler, turn: int) -> bool:
        if turn > times:
            return False
        handler.well(upto=10)
        time.sleep(seconds)
        return True

    return way


class Quiet(ThreadingHTTPServer):
    """A server that a client may leave in mid-sentence: its own trace on stderr would be taken for the program's."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()
    server = Quiet(("127.0.0.1", 0), type("SiteHandler", (Handler,), {"site": site}))
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
