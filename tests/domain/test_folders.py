"""Folders are whole or absent."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from utopias.domain.errors import TableError
from utopias.domain.folders import MANIFEST, manifest_faults, settled, whole_folder


def write(folder: Path, text: str = "one", *, replace: bool = False) -> None:
    with whole_folder(folder, replace=replace) as beside:
        (beside / "a.txt").write_text(text)
        (beside / "deep").mkdir()
        (beside / "deep" / "b.txt").write_text("two")


def test_a_written_folder_is_sealed_and_whole(tmp_path: Path) -> None:
    write(tmp_path / "plan")
    assert manifest_faults(tmp_path / "plan") == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan"]


def test_an_error_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "plan") as beside:
        (beside / "a.txt").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_failed_replacement_leaves_the_old_folder(tmp_path: Path) -> None:
    write(tmp_path / "plan", "old")
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "plan", replace=True) as beside:
        (beside / "a.txt").write_text("new")
        raise KeyboardInterrupt
    assert (tmp_path / "plan" / "a.txt").read_text() == "old"
    assert manifest_faults(tmp_path / "plan") == []


def test_a_full_disk_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "plan", "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "plan", "new", replace=True)
    assert (tmp_path / "plan" / "a.txt").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan"]


def test_an_existing_folder_is_replaced_only_when_asked(tmp_path: Path) -> None:
    write(tmp_path / "plan", "old")
    with pytest.raises(TableError) as refusal:
        write(tmp_path / "plan", "new")
    assert refusal.value.codes == ("already-there",)
    write(tmp_path / "plan", "new", replace=True)
    assert (tmp_path / "plan" / "a.txt").read_text() == "new"


def test_a_folder_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("miau")
    with pytest.raises(TableError) as refusal:
        write(tmp_path / "photos", replace=True)
    assert refusal.value.codes == ("not-ours",)
    assert (tmp_path / "photos" / "cat.jpg").exists()


def test_every_kind_of_change_is_told(tmp_path: Path) -> None:
    write(tmp_path / "plan")
    (tmp_path / "plan" / "a.txt").write_text("changed")
    (tmp_path / "plan" / "deep" / "b.txt").unlink()
    (tmp_path / "plan" / "c.txt").write_text("added")
    assert sorted(f.code for f in manifest_faults(tmp_path / "plan")) == ["file-added", "file-changed", "file-missing"]
    (tmp_path / "plan" / MANIFEST).unlink()
    assert [f.code for f in manifest_faults(tmp_path / "plan")] == ["no-manifest"]


def test_a_killed_writer_leaves_the_old_folder_and_its_rest_is_swept(tmp_path: Path) -> None:
    write(tmp_path / "plan", "old")
    program = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from utopias.domain.folders import whole_folder
        with whole_folder(Path({str(tmp_path / "plan")!r}), replace=True) as beside:
            (beside / "a.txt").write_text("new")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert (tmp_path / "plan" / "a.txt").read_text() == "old"
    assert manifest_faults(tmp_path / "plan") == []
    assert len(list(tmp_path.iterdir())) == 2, "the half-written folder is beside, under a hidden name"
    write(tmp_path / "plan", "new", replace=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan"]


def test_a_replacement_killed_between_its_two_renames_is_undone(tmp_path: Path) -> None:
    write(tmp_path / "plan", "old")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    os.replace(tmp_path / "plan", tmp_path / f".plan.old-{ended.pid}")
    assert (settled(tmp_path / "plan") / "a.txt").read_text() == "old"
    assert manifest_faults(tmp_path / "plan") == []
