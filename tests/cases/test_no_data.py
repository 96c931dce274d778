"""A case without its data says so in the reader's language, and what to do."""

import pytest

from cases.spoken import data_folder


@pytest.mark.parametrize(("language", "says"), [("es", "No hay datos abiertos"), ("en", "No open data at")])
def test_a_case_without_its_data_says_where_it_looked(
    monkeypatch: pytest.MonkeyPatch, tmp_path, language: str, says: str
) -> None:
    monkeypatch.setenv("UTOPIAS_SHARED_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match=says) as refused:
        data_folder(language)
    assert str(tmp_path) in str(refused.value)
    assert "UTOPIAS_SHARED_DATA" in str(refused.value)
