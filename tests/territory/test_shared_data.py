import pytest

from tests.shared_data import shared_data


def test_missing_real_data_skips_and_names_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("UTOPIAS_SHARED_DATA", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match=r"people/nothing\.csv"):
        shared_data("people", "nothing.csv")


def test_the_environment_names_the_data_folder(monkeypatch, tmp_path):
    (tmp_path / "people").mkdir()
    monkeypatch.setenv("UTOPIAS_SHARED_DATA", str(tmp_path))
    assert shared_data("people") == tmp_path / "people"
