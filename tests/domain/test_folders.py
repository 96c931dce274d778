"""Folders are whole or absent."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from utopias.domain.errors import TableError
from utopias.domain.folders import MANIFEST, Claim, manifest_faults, settled, whole_folder


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


def test_a_folder_that_holds_somebody_elses_file_is_never_replaced(tmp_path: Path) -> None:
    write(tmp_path / "plan", "old")
    (tmp_path / "plan" / "notes of the assembly.txt").write_text("keep me")
    (tmp_path / "plan" / ".DS_Store").write_text("a desktop was here")
    with pytest.raises(TableError) as refusal:
        write(tmp_path / "plan", "new", replace=True)
    (fault,) = refusal.value.faults
    assert (fault.code, fault.count, fault.first) == ("not-ours", 1, "notes of the assembly.txt")
    assert (tmp_path / "plan" / "notes of the assembly.txt").read_text() == "keep me"


def test_a_name_taken_while_we_wrote_is_left_to_whoever_took_it(tmp_path: Path) -> None:
    with pytest.raises(TableError) as refusal, whole_folder(tmp_path / "plan") as beside:
        (beside / "a.txt").write_text("late")
        (tmp_path / "plan").mkdir()
        (tmp_path / "plan" / "a.txt").write_text("first")
    assert refusal.value.codes == ("already-there",)
    assert (tmp_path / "plan" / "a.txt").read_text() == "first"


def test_ctrl_c_between_the_two_renames_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "plan", "old")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "plan", "new", replace=True)
    assert (tmp_path / "plan" / "a.txt").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan"]


def test_a_claim_lets_its_own_run_write_again_and_nobody_else_between(tmp_path: Path) -> None:
    mine = Claim(tmp_path / "plan")
    mine.write(lambda free: write(tmp_path / "plan", "first", replace=free))
    mine.write(lambda free: write(tmp_path / "plan", "more", replace=free))
    assert (tmp_path / "plan" / "a.txt").read_text() == "more"
    write(tmp_path / "plan", "theirs", replace=True)
    with pytest.raises(TableError) as refusal:
        mine.write(lambda free: write(tmp_path / "plan", "most", replace=free))
    assert refusal.value.codes == ("already-there",)
    assert (tmp_path / "plan" / "a.txt").read_text() == "theirs"


def test_a_name_under_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TableError) as refusal:
        Claim(tmp_path / "file" / "plans" / "one")
    assert refusal.value.codes == ("not-a-folder",)


def test_a_folder_of_another_kind_is_never_replaced(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "town", kind="town.toml") as beside:
        (beside / "town.toml").write_text("town")
    with pytest.raises(TableError) as refused, whole_folder(tmp_path / "town", replace=True, kind="plan.json"):
        pass
    assert refused.value.codes == ("another-kind",)
    with pytest.raises(TableError):
        Claim(tmp_path / "town", replace=True, kind="plan.json")
    assert (tmp_path / "town" / "town.toml").read_text() == "town"
    with whole_folder(tmp_path / "town", replace=True, kind="town.toml") as beside:
        (beside / "town.toml").write_text("again")
    assert (tmp_path / "town" / "town.toml").read_text() == "again"
