"""The one door to the net: a GET of one address, its redirects followed, its answer handed on as raw bytes.

Only this file knows the HTTP library. It sends no name, no cookie and no password; proxies and
certificates are those of the machine's environment (HTTPS_PROXY, SSL_CERT_FILE).
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from utopias.domain.sentences import Sentence
from utopias.domain.versions import VERSION

MOST_REDIRECTS = 10
CONNECT_S, READ_S = 20.0, 60.0  # seconds to reach a server, and to wait for its next bytes
_REDIRECTS = (301, 302, 303, 307, 308)


class NoAnswerError(Exception):
    """The address gave no whole answer. ``again``: another attempt may help. ``offline``: its host was not reached."""

    def __init__(self, why: Sentence, *, again: bool, offline: bool = False) -> None:
        super().__init__(why)
        self.why, self.again, self.offline = why, again, offline


@dataclass(frozen=True, eq=False)
class Answer:
    """One answer. address : where the redirects led. encoded : packed for the way, so its length is not the file's."""

    status: int
    headers: Mapping[str, str]
    address: str
    encoded: bool
    chunks: Iterator[bytes]


@contextmanager
def opened(address: str, headers: Mapping[str, str], *, read_s: float = READ_S) -> Iterator[Answer]:
    """Ask for ``address`` and hand the answer on while the block lasts.

    headers : of the request, e.g. Range; those that say who asks are added.

    Raises
    ------
    NoAnswerError : not reached, cut, silent for ``read_s`` seconds; from https to http, or anywhere else than
        the web; more than ten redirects. Also from inside the block, while ``chunks`` are taken.
    """
    own = {"User-Agent": f"utopias/{VERSION}", "Accept": "*/*", "Accept-Encoding": "identity"}
    timeout = httpx.Timeout(read_s, connect=CONNECT_S)
    try:
        with httpx.Client(timeout=timeout, follow_redirects=False, headers=own) as client:
            for _ in range(MOST_REDIRECTS + 1):
                with client.stream("GET", address, headers=dict(headers)) as response:
                    target = response.headers.get("Location", "")
                    if response.status_code in _REDIRECTS and target:
                        address = _moved(address, target)
                        continue
                    encoded = response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")
                    # as they come: pieces of a set size would hold back the last bytes before a cut
                    chunks = response.iter_bytes() if encoded else response.iter_raw()
                    yield Answer(response.status_code, response.headers, address, encoded, chunks)
                    return
            raise NoAnswerError(Sentence("it sends from one address to the next without end"), again=False)
    except httpx.TimeoutException as error:
        offline = isinstance(error, httpx.ConnectTimeout)
        raise NoAnswerError(Sentence("the server is silent"), again=True, offline=offline) from None
    except (httpx.ConnectError, httpx.ProxyError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            why = Sentence("its certificate is not trusted: {why}", why=str(error))
            raise NoAnswerError(why, again=False) from None
        reason = re.sub(r"^\[Errno -?\d+\] ", "", str(error))  # what the system said, without its number
        again = not _has_no_name(error)  # no network at all, or no such server: waiting a few seconds changes neither
        raise NoAnswerError(Sentence("the server cannot be reached: {why}", why=reason), again=again, offline=True) from None  # fmt: skip
    except (httpx.NetworkError, httpx.RemoteProtocolError):
        raise NoAnswerError(Sentence("the connection broke"), again=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise NoAnswerError(Sentence("it cannot be asked for: {why}", why=str(error)), again=False) from None


def _has_no_name(error: BaseException) -> bool:
    """Whether an attempt failed because the name of the server could not be resolved."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, socket.gaierror):
            return True
        below = below.__cause__ or below.__context__
    return False


def _moved(address: str, target: str) -> str:
    """The next address of a redirect, where it may be followed."""
    onward = urljoin(address, target)
    before, after = urlsplit(address).scheme, urlsplit(onward)
    if after.scheme not in ("http", "https") or not after.hostname:
        raise NoAnswerError(Sentence("it has moved to {onward}, which is no address of the web", onward=onward), again=False)  # fmt: skip
    if before == "https" and after.scheme == "http":
        why = Sentence(
            "it has moved from https to {onward}, where anybody on the way could change the file", onward=onward
        )
        raise NoAnswerError(why, again=False)
    return onward
