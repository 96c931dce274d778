"""The catalogue of modules reads its own file and refuses a bad one, all faults at once."""

import pytest

from utopias.domain.catalogue import HEAD, read_catalogue
from utopias.domain.errors import TableError
from utopias.domain.quantities import Minutes


def written(**changes: str) -> str:
    row = dict.fromkeys(HEAD, "") | {"service": "pool", "group": "all", "price_year": "2025"} | changes
    return ",".join(HEAD) + "\n" + ",".join(row[name] for name in HEAD) + "\n"


def test_the_shipped_catalogue_is_sound() -> None:
    assert "pool" in read_catalogue()


def test_an_empty_cell_is_not_known_and_never_zero() -> None:
    module = read_catalogue(written())["pool"]
    assert (module.places_a_week, module.build, module.staff) == (None, None, None)


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    assert list(read_catalogue("\ufeff" + written())) == ["pool"]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    bad = written(places_a_week="many", area_m2="-3", price_year="last")
    with pytest.raises(TableError) as refusal:
        read_catalogue(bad, where="ours.csv")
    assert refusal.value.codes == ("not-a-number", "not-a-number", "not-a-number")
    assert "ours.csv" in str(refusal.value)
    assert "row 1: pool" in str(refusal.value)


def test_money_has_three_ends_in_order_or_none() -> None:
    with pytest.raises(TableError) as refusal:
        read_catalogue(written(build_low="5", build_central="3", build_high="9", run_low="1"))
    assert refusal.value.codes == ("out-of-order", "missing-value")


def test_a_service_stands_once_and_prices_are_of_one_year() -> None:
    twice = written() + written().splitlines()[1] + "\n" + written(service="gym", price_year="2019").splitlines()[1]
    with pytest.raises(TableError) as refusal:
        read_catalogue(twice)
    assert refusal.value.codes == ("duplicate-key", "price-years")


@pytest.mark.parametrize("text", ["", "service,group\npool,all\n"])
def test_missing_columns_are_named(text: str) -> None:
    with pytest.raises(TableError) as refusal:
        read_catalogue(text)
    assert refusal.value.codes == ("missing-column",)


def test_a_catalogue_without_rows_is_refused() -> None:
    with pytest.raises(TableError) as refusal:
        read_catalogue(",".join(HEAD) + "\n")
    assert refusal.value.codes == ("empty-table",)


def test_a_catalogue_without_walks_and_shares_has_the_usual_walk_and_no_share() -> None:
    module = read_catalogue(written())["pool"]
    assert module.standard == Minutes(15)
    assert module.share_of_group is None


def test_a_walk_and_a_share_are_read_and_checked() -> None:
    head, row = written().splitlines()
    told = f"{head},standard_min,share_of_group\n{row},30,0.2\n"
    module = read_catalogue(told)["pool"]
    assert (module.standard, module.share_of_group) == (Minutes(30), 0.2)
    with pytest.raises(TableError) as refusal:
        read_catalogue(f"{head},standard_min,share_of_group\n{row},0,1.2\n")
    assert refusal.value.codes == ("not-a-number", "not-a-number")


def test_every_service_of_ours_has_a_walk_and_a_share_where_its_places_are_known() -> None:
    for module in read_catalogue().values():
        assert module.standard in (Minutes(15), Minutes(30))
        assert (module.share_of_group is None) == (module.places_a_week is None), module.service
