"""A download comes whole or not at all, whatever the server does; what has come is never lost, and never trusted blindly."""

from __future__ import annotations

import errno
import hashlib
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.territory.gather.server import Handler, Site, answers, cuts, is_late, moves
from utopias.domain.errors import TableError
from utopias.domain.progress import silent
from utopias.territory.gather import download as module
from utopias.territory.gather.door import Answer, NoAnswerError, opened
from utopias.territory.gather.download import IDLE_ATTEMPTS, Patience, UnreachableError, fetch
from utopias.territory.gather.part import Mark, Part, part_of
from utopias.territory.gather.recipe import Download

TEXT = b"id,people\n" + b"".join(b"%d,%d\n" % (i, i * 7) for i in range(20_000))  # 200 kB and more
OTHER = b"id,people\n" + b"".join(b"%d,%d\n" % (i, i * 3) for i in range(20_000))


def csv(address: str, **more: Any) -> Download:
    return Download("people", address, "people.csv", "csv", "free", **more)


class Told:
    """What was told on the way, and how long it would have waited."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.values: list[dict[str, Any]] = []
        self.waits: list[float] = []

    def __call__(self, code: str, values: Any) -> None:
        self.codes.append(code)
        self.values.append(dict(values))


def get(download: Download, folder: Path, *, told: Told | None = None, **more: Any) -> Path:
    told = told or Told()
    given = {"progress": silent, "tell": told, "patience": Patience(wait=told.waits.append)} | more
    return fetch(download, folder, **given)


def refusal(download: Download, folder: Path, **more: Any) -> Any:
    with pytest.raises(TableError) as error:
        get(download, folder, **more)
    (fault,) = error.value.faults
    return fault


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_as_it_is_and_leaves_nothing_beside(site: Site, tmp_path: Path) -> None:
    shares: list[float] = []
    path = get(csv(site.put("/a.csv", TEXT)), tmp_path / "new", progress=lambda _, share: shares.append(share))
    assert path.read_bytes() == TEXT
    assert left(tmp_path / "new") == ["people.csv"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_body_that_breaks_off_is_continued_from_there(site: Site, tmp_path: Path) -> None:
    told = Told()
    path = get(csv(site.put("/a.csv", TEXT, way=cuts(50_000, 70_000))), tmp_path, told=told)
    assert path.read_bytes() == TEXT
    assert [one.range for one in site.asked] == ["", "bytes=50000-", "bytes=120000-"]
    assert {one.if_range for one in site.asked[1:]} == {'"one"'}
    assert told.codes == ["again", "again"]


def test_the_next_run_continues_what_this_one_could_not_finish(site: Site, tmp_path: Path) -> None:
    wanted = csv(site.put("/a.csv", TEXT, way=cuts(90_000, *[0] * IDLE_ATTEMPTS)))
    fault = refusal(wanted, tmp_path)
    assert fault.code == "cut-short"
    assert "90,000 bytes" in fault.mend
    assert left(tmp_path) == ["people.csv.part", "people.csv.part.json"]
    site.ways.clear()
    site.asked.clear()
    assert get(wanted, tmp_path).read_bytes() == TEXT
    assert [one.range for one in site.asked] == ["bytes=90000-"]


def test_a_file_changed_between_attempts_is_never_mixed_with_the_new_one(site: Site, tmp_path: Path) -> None:
    def changes(handler: Handler, turn: int) -> bool:
        if turn == 1:
            handler.well(upto=90_000)
            site.put("/a.csv", OTHER, etag='"two"')
            return True
        return False

    told = Told()
    path = get(csv(site.put("/a.csv", TEXT, way=changes)), tmp_path, told=told)
    assert path.read_bytes() == OTHER
    assert site.asked[1].range == "bytes=90000-"
    assert told.codes == ["again", "changed"]


def test_a_server_that_continues_another_version_in_spite_of_if_range_is_not_believed(site: Site, tmp_path: Path) -> None:  # fmt: skip
    def deaf(handler: Handler, turn: int) -> bool:
        if turn == 1:
            handler.well(upto=90_000)
            site.put("/a.csv", OTHER, etag='"two"')
            return True
        if handler.headers.get("Range"):
            said = {"Content-Range": f"bytes 90000-{len(OTHER) - 1}/{len(OTHER)}", "ETag": '"two"'}
            handler.answer(206, OTHER[90_000:], said)
            return True
        return False

    assert get(csv(site.put("/a.csv", TEXT, way=deaf)), tmp_path).read_bytes() == OTHER


def test_without_a_mark_of_the_version_nothing_is_continued(site: Site, tmp_path: Path) -> None:
    path = get(csv(site.put("/a.csv", TEXT, etag="", way=cuts(90_000))), tmp_path)
    assert path.read_bytes() == TEXT
    assert [one.range for one in site.asked] == ["", ""]


def test_a_weak_etag_is_not_used_to_continue_but_the_date_is(site: Site, tmp_path: Path) -> None:
    assert get(csv(site.put("/a.csv", TEXT, etag='W/"weak"', way=cuts(90_000))), tmp_path).read_bytes() == TEXT
    assert site.asked[1].if_range.startswith("Wed, 01 Jul 2026")


def test_a_server_that_ignores_ranges_is_read_from_the_beginning(site: Site, tmp_path: Path) -> None:
    def ignores(handler: Handler, turn: int) -> bool:
        handler.well(upto=90_000 if turn == 1 else None, ranges=False)
        return True

    assert get(csv(site.put("/a.csv", TEXT, way=ignores)), tmp_path).read_bytes() == TEXT
    assert site.times("/a.csv") == 2


def test_an_answer_for_another_range_than_asked_is_thrown_away(site: Site, tmp_path: Path) -> None:
    def shifted(handler: Handler, turn: int) -> bool:
        if turn == 1:
            handler.well(upto=90_000)
        elif turn == 2:
            said = {"Content-Range": f"bytes 90001-{len(TEXT) - 1}/{len(TEXT)}", "ETag": '"one"'}
            handler.answer(206, TEXT[90_001:], said)
        return turn < 3

    assert get(csv(site.put("/a.csv", TEXT, way=shifted)), tmp_path).read_bytes() == TEXT


def test_a_part_that_was_whole_already_is_taken_when_the_server_has_no_more(site: Site, tmp_path: Path) -> None:
    wanted = csv(site.put("/a.csv", TEXT))
    (tmp_path / "people.csv.part").write_bytes(TEXT)
    mark = f'{{"address": "{wanted.address}", "etag": "\\"one\\"", "modified": "", "total": {len(TEXT)}}}'
    (tmp_path / "people.csv.part.json").write_text(mark)
    assert get(wanted, tmp_path).read_bytes() == TEXT
    assert [one.range for one in site.asked] == [f"bytes={len(TEXT)}-"]


def test_a_part_longer_than_the_file_starts_again(site: Site, tmp_path: Path) -> None:
    wanted = csv(site.put("/a.csv", TEXT))
    (tmp_path / "people.csv.part").write_bytes(TEXT + b"and more")
    mark = f'{{"address": "{wanted.address}", "etag": "\\"one\\"", "modified": "", "total": -1}}'
    (tmp_path / "people.csv.part.json").write_text(mark)
    assert get(wanted, tmp_path).read_bytes() == TEXT


@pytest.mark.parametrize("mark", ["", "{", '{"address": 3}', "[]"])
def test_a_part_whose_mark_is_lost_or_damaged_starts_again(site: Site, tmp_path: Path, mark: str) -> None:
    (tmp_path / "people.csv.part").write_bytes(b"something else, of unknown origin")
    (tmp_path / "people.csv.part.json").write_text(mark)
    assert get(csv(site.put("/a.csv", TEXT)), tmp_path).read_bytes() == TEXT


def test_a_length_that_promises_more_than_ever_comes_is_told(site: Site, tmp_path: Path) -> None:
    def lies(handler: Handler, _: int) -> bool:
        handler.answer(200, TEXT[:1000], length=5000)
        return True

    fault = refusal(csv(site.put("/a.csv", TEXT, way=lies)), tmp_path)
    assert fault.code == "cut-short"
    assert not (tmp_path / "people.csv").exists()
    assert site.times("/a.csv") == IDLE_ATTEMPTS + 1


def test_a_length_that_lies_and_is_contradicted_ends_in_a_bounded_number_of_attempts(site: Site, tmp_path: Path) -> None:  # fmt: skip
    def lies(handler: Handler, _: int) -> bool:
        if handler.headers.get("Range"):
            handler.answer(416, b"", {"Content-Range": "bytes */1000", "ETag": '"one"'})
        else:
            handler.answer(200, TEXT[:1000], {"ETag": '"one"'}, length=5000)
        return True

    refusal(csv(site.put("/a.csv", TEXT, way=lies)), tmp_path)
    assert site.times("/a.csv") <= 2 * IDLE_ATTEMPTS


def test_a_zip_whose_length_was_said_too_short_is_found_incomplete(site: Site, tmp_path: Path) -> None:
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w") as file:
        file.writestr("a.csv", TEXT)

    def lies(handler: Handler, _: int) -> bool:
        handler.answer(200, pack.getvalue(), length=1000)
        return True

    address = site.put("/a.zip", pack.getvalue(), way=lies)
    fault = refusal(Download("a", address, "a.zip", "zip", "free"), tmp_path)
    assert fault.code == "not-this-kind"
    assert left(tmp_path) == ["a.zip.wrong"]


def test_moved_addresses_are_followed_and_told(site: Site, tmp_path: Path) -> None:
    site.put("/new.csv", TEXT)
    for status in (301, 302, 303, 307, 308):
        told = Told()
        path = get(csv(site.put("/old.csv", b"", way=moves("/new.csv", status))), tmp_path / str(status), told=told)
        assert path.read_bytes() == TEXT
        assert told.codes == ["moved"]
        assert told.values[0]["address"] == site.address + "/new.csv"


def test_addresses_that_send_in_a_circle_are_given_up(site: Site, tmp_path: Path) -> None:
    fault = refusal(csv(site.put("/a.csv", b"", way=moves("/a.csv"))), tmp_path)
    assert fault.code == "not-fetched"
    assert "without end" in fault.what


@pytest.mark.parametrize("onward", ["ftp://example.org/a.csv", "file:///etc/hostname", "javascript:1"])
def test_a_move_away_from_the_web_is_refused(site: Site, tmp_path: Path, onward: str) -> None:
    fault = refusal(csv(site.put("/a.csv", b"", way=moves(onward))), tmp_path)
    assert fault.code == "not-fetched"
    assert site.times("/a.csv") == 1


def test_a_move_from_https_to_http_is_refused() -> None:
    from utopias.territory.gather.door import _moved

    assert _moved("http://a.org/x", "https://b.org/y") == "https://b.org/y"
    assert _moved("https://a.org/x", "/y") == "https://a.org/y"
    with pytest.raises(NoAnswerError, match="no address of the web"):
        _moved("https://a.org/x", "ftp://a.org/y")
    with pytest.raises(NoAnswerError, match=r"from https to http://a\.org/y") as error:
        _moved("https://a.org/x", "http://a.org/y")
    assert not error.value.again


def test_a_file_that_is_not_there_is_told_at_once_with_what_to_do(site: Site, tmp_path: Path) -> None:
    fault = refusal(csv(site.address + "/nowhere.csv", page="https://example.org/page"), tmp_path)
    assert fault.code == "not-fetched"
    assert "404" in fault.what
    assert fault.where == site.address + "/nowhere.csv"
    assert "https://example.org/page" in fault.mend
    assert str(tmp_path / "people.csv") in fault.mend
    assert site.times("/nowhere.csv") == 1
    assert left(tmp_path) == []


def test_a_server_in_trouble_is_asked_again_after_a_while(site: Site, tmp_path: Path) -> None:
    told = Told()
    assert get(csv(site.put("/a.csv", TEXT, way=answers(500, 503))), tmp_path, told=told).read_bytes() == TEXT
    assert told.waits == [1.0, 2.0]


def test_a_server_that_says_when_to_come_back_is_obeyed_within_reason(site: Site, tmp_path: Path) -> None:
    told = Told()
    get(csv(site.put("/a.csv", TEXT, way=answers(429, headers={"Retry-After": "7"}))), tmp_path, told=told)
    get(csv(site.put("/b.csv", TEXT, way=answers(503, headers={"Retry-After": "86400"}))), tmp_path / "b", told=told)
    assert told.waits == [7.0, 30.0]


def test_a_server_that_stays_in_trouble_is_given_up(site: Site, tmp_path: Path) -> None:
    fault = refusal(csv(site.put("/a.csv", TEXT, way=answers(*[500] * 99))), tmp_path)
    assert "500" in fault.what
    assert site.times("/a.csv") == IDLE_ATTEMPTS


def test_a_silent_server_is_left_and_the_file_continued(site: Site, tmp_path: Path) -> None:
    told = Told()
    wanted = csv(site.put("/a.csv", TEXT, way=is_late(1.0, 1)))
    path = get(wanted, tmp_path, told=told, ask=partial(opened, read_s=0.2))
    assert path.read_bytes() == TEXT
    assert [one.range for one in site.asked] == ["", "bytes=10-"]
    assert "silent" in told.values[0]["why"]


def test_a_host_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError) as error:  # port 9 on this machine: nobody listens
        get(csv("http://127.0.0.1:9/a.csv"), tmp_path)
    assert error.value.codes == ("unreachable",)
    assert left(tmp_path) == []


def test_an_error_page_is_not_taken_for_the_file(site: Site, tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><html><body>Acceso restringido</body></html>"
    for kind in ("zip", "pbf", "csv", "tif", "gpkg", "geojson"):
        wanted = Download("a", site.put(f"/a.{kind}", page), f"a.{kind}", kind, "free")
        fault = refusal(wanted, tmp_path / kind)
        assert fault.code == "web-page"
        assert left(tmp_path / kind) == [f"a.{kind}.wrong"]
        assert f"a.{kind} " in fault.what


def test_an_empty_answer_is_no_file(site: Site, tmp_path: Path) -> None:
    assert refusal(csv(site.put("/a.csv", b"")), tmp_path).code == "empty-file"
    assert not (tmp_path / "people.csv").exists()


def test_a_right_checksum_is_taken_and_a_wrong_one_kept_aside(site: Site, tmp_path: Path) -> None:
    digest = hashlib.sha256(TEXT).hexdigest()
    assert get(csv(site.put("/a.csv", TEXT), sha256=digest), tmp_path).read_bytes() == TEXT
    fault = refusal(csv(site.put("/b.csv", OTHER), sha256=digest), tmp_path / "b")
    assert fault.code == "wrong-checksum"
    assert hashlib.sha256(OTHER).hexdigest() in fault.what
    assert (tmp_path / "b" / "people.csv.wrong").read_bytes() == OTHER
    assert left(tmp_path / "b") == ["people.csv.wrong"]


def test_a_file_that_is_here_and_right_is_not_asked_for(site: Site, tmp_path: Path) -> None:
    wanted = csv(site.put("/a.csv", OTHER), sha256=hashlib.sha256(TEXT).hexdigest())
    (tmp_path / "people.csv").write_bytes(TEXT)
    assert get(wanted, tmp_path).read_bytes() == TEXT
    assert site.asked == []


def test_a_file_put_there_by_hand_that_is_another_is_refused_and_left_alone(site: Site, tmp_path: Path) -> None:
    wanted = csv(site.put("/a.csv", TEXT), sha256=hashlib.sha256(TEXT).hexdigest())
    (tmp_path / "people.csv").write_bytes(OTHER)
    assert refusal(wanted, tmp_path).code == "wrong-checksum"
    assert (tmp_path / "people.csv").read_bytes() == OTHER
    assert site.asked == []


def test_ctrl_c_keeps_what_has_come(site: Site, tmp_path: Path) -> None:
    wanted = csv(site.put("/a.csv", TEXT, way=cuts(90_000)))

    def stop(_stage: str, _share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(wanted, tmp_path, progress=stop)
    kept = (tmp_path / "people.csv.part").stat().st_size
    assert kept > 0
    site.asked.clear()
    assert get(wanted, tmp_path).read_bytes() == TEXT
    assert site.asked[0].range == f"bytes={kept}-"


def test_a_full_disk_is_told_and_keeps_what_has_come(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    add = module.Part.add

    def full(part: Any, chunk: bytes) -> None:
        if part.size:
            raise OSError(errno.ENOSPC, "No space left on device")
        add(part, chunk[:1000])

    monkeypatch.setattr(module.Part, "add", full)
    wanted = csv(site.put("/a.csv", TEXT * 5))
    assert refusal(wanted, tmp_path).code == "disk-full"
    assert (tmp_path / "people.csv.part").read_bytes() == TEXT[:1000]
    monkeypatch.undo()
    assert get(wanted, tmp_path).read_bytes() == TEXT * 5


def test_a_file_larger_than_the_disk_is_not_begun(site: Site, tmp_path: Path) -> None:
    assert refusal(csv(site.put("/a.csv", TEXT), size=10**18), tmp_path).code == "disk-full"
    assert site.asked == []


def test_two_runs_do_not_write_one_file(site: Site, tmp_path: Path) -> None:
    with part_of(tmp_path / "people.csv"):
        assert refusal(csv(site.put("/a.csv", TEXT)), tmp_path).code == "being-fetched"
    assert get(csv(site.put("/a.csv", TEXT)), tmp_path).read_bytes() == TEXT


def test_a_body_packed_for_the_way_is_unpacked_and_never_continued(site: Site, tmp_path: Path) -> None:
    import gzip

    def packed(handler: Handler, _: int) -> bool:
        handler.answer(200, gzip.compress(TEXT), {"Content-Encoding": "gzip", "ETag": '"one"'})
        return True

    assert get(csv(site.put("/a.csv", TEXT, way=packed)), tmp_path).read_bytes() == TEXT


def test_attempts_are_bounded_even_where_each_brings_a_byte(tmp_path: Path) -> None:
    @contextmanager
    def drip(address: str, headers: Any) -> Iterator[Answer]:
        start = int(headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        said = {"ETag": '"one"', "Content-Length": "1000"}
        if start:
            said["Content-Range"] = f"bytes {start}-999/1000"

        def body() -> Iterator[bytes]:
            yield b"x"
            raise NoAnswerError(module.Sentence("cut"), again=True)

        yield Answer(206 if start else 200, said, address, False, body())

    told = Told()
    refusal(csv("http://example.org/a.csv"), tmp_path, told=told, ask=drip, patience=Patience(most=20, wait=told.waits.append))  # fmt: skip
    assert len(told.waits) == 19
    assert (tmp_path / "people.csv.part").stat().st_size == 20


def test_a_disk_that_takes_a_chunk_in_pieces_still_gets_all_of_it(tmp_path: Path) -> None:
    class Reluctant(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data)[:3])

    file = Reluctant()
    Part(tmp_path / "a.part", file, Mark()).add(b"0123456789")
    assert file.getvalue() == b"0123456789"


def test_a_server_without_a_name_is_asked_once_and_nobody_waits(tmp_path: Path) -> None:
    told, asked = Told(), []

    def ask(address: str, headers: Any) -> Any:
        asked.append(address)
        return opened(address, headers)

    fault = refusal(csv("http://nobody.invalid/people.csv"), tmp_path, told=told, ask=ask)
    assert (fault.code, len(asked), told.codes, told.waits) == ("unreachable", 1, [], [])
    assert "the server cannot be reached" in str(fault.what)
    assert "try again later" in str(fault.mend)  # the address may be right: it is the net that is not there
