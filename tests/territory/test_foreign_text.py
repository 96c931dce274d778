"""Text tables as cities write them: marks, separators, commas, zeros, masks, and files that are not whole."""

import zlib
from pathlib import Path

import pytest

from utopias.domain.errors import TableError
from utopias.territory.column_file import parse_column_file
from utopias.territory.files import ReadTable, read_table


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def read(path: Path, columns: str = "", table: str | None = "blocks") -> ReadTable:
    return read_table(path, parse_column_file(columns), table=table)


def codes(path: Path, columns: str = "", table: str | None = "blocks") -> tuple[str, ...]:
    with pytest.raises(TableError) as error:
        read(path, columns, table)
    return error.value.codes


def fault(path: Path, columns: str = "", table: str | None = "blocks"):
    with pytest.raises(TableError) as error:
        read(path, columns, table)
    assert len(error.value.faults) == 1, error.value
    return error.value.faults[0]


def note_codes(table: ReadTable) -> list[str]:
    return [note.code for note in table.notes]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_separator_is_found(tmp_path, separator):
    file = written(tmp_path / "b.csv", f"block_id{separator}people\n0100{separator}5\n01A{separator}7\n")
    table = read(file)
    assert table.frame["block_id"].tolist() == ["0100", "01A"]
    assert table.frame["people"].tolist() == [5.0, 7.0]


def test_a_byte_order_mark_is_not_part_of_the_first_header(tmp_path):
    assert read(written(tmp_path / "b.csv", "\ufeffblock_id,people\n1,5\n")).frame["block_id"].tolist() == ["1"]


def test_utf_16_with_its_mark_is_read(tmp_path):
    assert read(written(tmp_path / "b.csv", "block_id,people\nñ,5\n".encode("utf-16"))).frame["block_id"].tolist() == [
        "ñ"
    ]


def test_a_key_keeps_its_zeros_and_its_letters(tmp_path):
    table = read(written(tmp_path / "b.csv", "block_id,people\n0900700010010,5\n090070001561A,7\n"))
    assert table.frame["block_id"].tolist() == ["0900700010010", "090070001561A"]


def test_lost_zeros_are_brought_back_when_asked_and_told(tmp_path):
    table = read(written(tmp_path / "b.csv", "block_id,people\n19,5\n120,7\n"), "pad = { block_id = 4 }")
    assert table.frame["block_id"].tolist() == ["0019", "0120"]
    assert note_codes(table) == ["padded-keys"]


def test_a_key_over_its_width_is_a_fault(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people\n19,5\n12000,7\n")
    found = fault(file, "pad = { block_id = 4 }")
    assert (found.code, found.count, found.first) == ("key-too-long", 1, "row 2: '12000'")


def test_a_key_in_several_columns_is_joined_each_part_padded(tmp_path):
    file = written(tmp_path / "b.csv", "ENT,MUN,AGEB,POB\n9,7,1951,5\n9,7,296,6\n")
    columns = 'pad = { ENT = 2, MUN = 3, AGEB = 4 }\n[columns]\nblock_id = ["ENT", "MUN", "AGEB"]\npeople = "POB"'
    assert read(file, columns).frame["block_id"].tolist() == ["090071951", "090070296"]


def test_decimal_commas_that_can_be_nothing_else_are_read_and_told(tmp_path):
    table = read(written(tmp_path / "b.csv", 'block_id;people\na;"1,5"\nb;"2,25"\nc;3\n'))
    assert table.frame["people"].tolist() == [1.5, 2.25, 3.0]
    assert "decimal-comma" in note_codes(table)


def test_a_comma_that_may_part_thousands_is_refused_until_it_is_said(tmp_path):
    file = written(tmp_path / "b.csv", 'block_id;people\na;"1,234"\nb;"2,345"\n')
    assert codes(file) == ("decimal-comma",)
    assert read(file, 'decimal = ","').frame["people"].tolist() == [1.234, 2.345]
    assert read(file, 'thousands = ","').frame["people"].tolist() == [1234.0, 2345.0]


def test_points_and_commas_together_are_refused(tmp_path):
    assert codes(written(tmp_path / "b.csv", 'block_id;people\na;"1,25"\nb;2.5\n')) == ("decimal-comma",)


def test_masked_people_are_missing_until_the_mask_is_said(tmp_path):
    file = written(tmp_path / "b.csv", "CVEGEO,POBTOT\n1,5\n2,*\n3,*\n")
    found = fault(file)
    assert found.code == "missing-people"
    assert found.what == "2 of 3 blocks have no population"
    assert found.where == "column POBTOT of b.csv"
    assert found.first == "row 2"
    assert found.mend == "the census masks small counts with '*': say masked = 1.5 in the column file"
    table = read(file, "masked = 1.5")
    assert table.frame["people"].tolist() == [5.0, 1.5, 1.5]
    assert "masked-counts" in note_codes(table)


def test_empty_people_are_missing(tmp_path):
    found = fault(written(tmp_path / "b.csv", "block_id,people\n1,5\n2,\n"))
    assert (found.code, found.count, found.first) == ("missing-people", 1, "row 2")
    assert "masked" not in found.mend


def test_a_masked_group_is_never_taken_as_more_than_the_people_of_its_block(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people,P60\n1,1,*\n2,9,*\n3,9,4\n")
    table = read(file, 'masked = 1.5\n[groups]\n"older people" = "P60"')
    assert table.frame["older people"].tolist() == [1.0, 1.5, 4.0]
    assert "masked-over-people" in note_codes(table)


def test_texts_that_mean_not_known_are_missing_when_said(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people\n1,5\n2,N/D\n")
    assert codes(file) == ("not-a-number",)
    assert codes(file, 'missing = ["N/D"]') == ("missing-people",)


def test_words_among_numbers_are_told_with_their_row(tmp_path):
    found = fault(written(tmp_path / "b.csv", "block_id,people\n1,5\n2,many\n3,inf\n"))
    assert (found.code, found.count, found.first) == ("not-a-number", 2, "row 2: 'many'")


def test_latin_1_is_refused_with_its_line_until_it_is_said(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people,colonia\n1,5,Álamos\n".encode("latin-1"))
    found = fault(file)
    assert found.code == "not-utf-8"
    assert found.first.startswith("line 2")
    assert read(file, 'encoding = "latin-1"').frame["colonia"].tolist() == ["Álamos"]
    assert codes(file, 'encoding = "klingon"') == ("unknown-encoding",)


def test_an_empty_file_a_header_alone_and_no_file_are_three_faults(tmp_path):
    assert codes(written(tmp_path / "a.csv", "")) == ("empty-file",)
    assert codes(written(tmp_path / "b.csv", "\n \n")) == ("empty-file",)
    assert codes(written(tmp_path / "c.csv", "block_id,people\n")) == ("no-rows",)
    assert codes(tmp_path / "d.csv") == ("no-such-file",)


def test_rows_that_do_not_fit_the_header_are_counted(tmp_path):
    found = fault(written(tmp_path / "b.csv", "block_id,people\n1,5\n2\n3,4,5\n4,6\n"))
    assert (found.code, found.count, found.first) == ("ragged-rows", 2, "row 2: 1 cells")


def test_a_quote_that_never_closes_is_told_not_swallowed(tmp_path):
    assert codes(written(tmp_path / "b.csv", 'block_id,people\n1,5\n2,"6\n3,7\n')) == ("unclosed-quote",)


def test_a_line_break_inside_quotes_stays_in_its_cell(tmp_path):
    table = read(written(tmp_path / "b.csv", 'block_id,people,colonia\n1,5,"San\nJuan"\n2,6,b\n'))
    assert table.frame["colonia"].tolist() == ["San\nJuan", "b"]


def test_two_columns_of_one_name_are_refused(tmp_path):
    assert codes(written(tmp_path / "b.csv", "block_id,people,people\n1,5,6\n")) == ("duplicate-column",)


def test_lines_before_the_header_are_skipped_when_said(tmp_path):
    file = written(tmp_path / "b.csv", "A title\nanother\nblock_id,people\n1,5\n")
    assert read(file, "skip = 2").frame["people"].tolist() == [5.0]


def test_a_separator_that_cannot_be_told_is_asked_for(tmp_path):
    file = written(tmp_path / "b.csv", "a,b;c\n1,2;3\n")
    assert codes(file, table=None) == ("ambiguous-separator",)
    assert read(file, 'separator = ";"', None).frame["a,b"].tolist() == ["1,2"]


def packed(text: str) -> bytes:
    squeeze = zlib.compressobj(wbits=31)
    return squeeze.compress(text.encode()) + squeeze.flush()


def test_a_gzip_is_read_and_one_cut_short_is_told(tmp_path):
    whole = packed("block_id,people\n" + "\n".join(f"{i},{i}" for i in range(500)))
    assert len(read(written(tmp_path / "a.csv.gz", whole))) == 500
    assert len(read(written(tmp_path / "b.csv.gz", packed("block_id,people\n") + packed("1,2\n")))) == 1
    assert codes(written(tmp_path / "c.csv.gz", whole[:-20])) == ("truncated",)
    assert codes(written(tmp_path / "d.csv.gz", whole[:40] + b"\xff" * 20 + whole[60:])) in [
        ("unreadable",),
        ("truncated",),
    ]


def test_a_file_of_another_kind_is_told_by_its_extension_or_content(tmp_path):
    assert codes(written(tmp_path / "b.xlsx", b"PK\x03\x04")) == ("unknown-format",)
    assert codes(written(tmp_path / "b.csv", b"PAR1\0\0\0\0" * 9)) == ("not-text",)


def test_a_well_known_name_is_matched_and_told(tmp_path):
    table = read(written(tmp_path / "b.csv", "CVEGEO,Población\n1,5\n"))
    assert (table.frame["block_id"].tolist(), table.frame["people"].tolist()) == (["1"], [5.0])
    assert note_codes(table) == ["matched-column", "matched-column"]


def test_two_columns_that_fit_are_refused_with_both_names(tmp_path):
    found = fault(written(tmp_path / "b.csv", "block_id,POBTOT,poblacion\n1,5,6\n"))
    assert found.code == "ambiguous-column"
    assert "POBTOT, poblacion" in found.what


def test_our_own_name_wins_over_a_well_known_one(tmp_path):
    assert read(written(tmp_path / "b.csv", "block_id,people,POBTOT\n1,5,6\n")).frame["people"].tolist() == [5.0]


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people\n1,5\n")
    found = fault(file, '[columns]\npeople = "POBTOT"')
    assert found.code == "no-such-column"
    assert found.mend == "it has: block_id, people"


def test_all_faults_of_a_file_come_at_once(tmp_path):
    file = written(tmp_path / "b.csv", "id1,POB,P60,lon,lat\n1,x,1,-99,19\n2,,2,400,19\n")
    columns = 'crs = "EPSG:4326"\n[columns]\nblock_id = "nothing"\npeople = "POB"\n[groups]\n"women" = "MUJ"'
    assert set(codes(file, columns)) == {"no-such-column", "not-a-number", "missing-people", "outside-crs"}


def test_only_the_rows_asked_for_are_kept_and_rows_keep_their_number(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people,MZA,alc\n1,50,000,A\n2,5,001,A\n3,,002,A\n4,9,003,B\n")
    columns = '[only]\nalc = ["A"]\n[leave_out]\nMZA = "000"'
    found = fault(file, columns)
    assert (found.what, found.first) == ("1 of 2 blocks have no population", "row 3")
    columns = '[only]\nalc = "B"'
    table = read(file, columns)
    assert table.frame["block_id"].tolist() == ["4"]
    assert table.rows.tolist() == [4]
    assert note_codes(table) == ["rows-not-kept"]
    assert codes(file, '[only]\nalc = "C"') == ("no-rows",)


def test_rows_without_a_key_are_numbered_when_asked(tmp_path):
    file = written(tmp_path / "p.csv", "name,lon,lat\na,-99,19\nb,-99,19\n")
    table = read(file, 'crs = "EPSG:4326"\nnumbered = "court-"', "places")
    assert table.frame["place_id"].tolist() == ["court-1", "court-2"]


def test_a_group_is_a_column_a_sum_or_a_marked_estimate(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people,P60,P02,P35\n1,100,10,3,4\n2,50,5,0,1\n")
    columns = """
        [groups]
        "older people" = "P60"
        "children 0-5" = ["P02", "P35"]
        "carers" = { formula = "0.2 * people - (P02 + P35) / 2", source = "time-use survey" }
        """
    table = read(file, columns)
    assert table.frame["older people"].tolist() == [10, 5]
    assert table.frame["children 0-5"].tolist() == [7, 1]
    assert table.frame["carers"].tolist() == [16.5, 9.5]
    assert [table.said.groups[name].estimated for name in table.said.groups] == [False, False, True]


def test_a_column_named_as_a_group_is_counted_without_a_column_file(tmp_path):
    table = read_table(written(tmp_path / "b.csv", "block_id,people,older people\n1,9,3\n"), table="blocks")
    assert table.frame["older people"].tolist() == [3.0]


def test_an_indicator_without_a_value_is_a_fault_until_it_is_filled(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people,assets\n1,9,0.25\n2,9,\n")
    assert codes(file, '[indicators]\n"few assets" = { formula = "1 - assets" }') == ("missing-indicator",)
    table = read(file, '[indicators]\n"few assets" = { formula = "1 - assets", fill = 0.5 }')
    assert table.frame["few assets"].tolist() == [0.75, 0.5]
    assert "filled" in note_codes(table)


def test_a_division_by_zero_in_a_formula_is_no_count(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people,a,b\n1,9,1,0\n2,9,1,1\n")
    assert codes(file, '[groups]\n"women" = { formula = "a / b" }') == ("missing-people",)


def test_their_words_are_translated_and_flags_read(tmp_path):
    file = written(tmp_path / "b.csv", "block_id,people,inside\n1,9,Sí\n2,9,No\n")
    assert codes(file, '[columns]\nplanned = "inside"') == ("not-a-flag",)
    table = read(file, '[columns]\nplanned = "inside"\n[values.planned]\n"Sí" = true\n"No" = false')
    assert table.frame["planned"].tolist() == [True, False]
