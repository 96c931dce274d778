"""A plan is a self-contained folder that reads back as it was written."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.toy import toy_town
from utopias.domain.errors import MisalignedError, VerificationError
from utopias.domain.folders import seal
from utopias.domain.plan import Certificate, Plan
from utopias.domain.quantities import Minutes
from utopias.domain.robustness import Robustness
from utopias.domain.shapes import Basemap, Lines, Shapes
from utopias.domain.study import Study
from utopias.domain.travel_times import TravelTimes


def small_study() -> Study:
    blocks = toy_town().blocks
    n = len(blocks)
    square = np.array([[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], dtype=float)
    basemap = Basemap(
        polygons=Shapes(
            np.vstack([square, square + 20]),
            np.array([0, 5, 10]),
            np.array([0, 1, 2]),
            np.array([0, 1, 2]),
            "EPSG:32614",
        ),
        polygon_kind=np.array(["water", "limit"], dtype=object),
        lines=Lines(np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 5.0]]), np.array([0, 3]), "EPSG:32614"),
        line_kind=np.array(["rail"], dtype=object),
        labels=np.array(["Cerro"], dtype=object),
        label_x=np.array([4.0]),
        label_y=np.array([4.0]),
    )
    times = TravelTimes(
        origins=blocks.ids,
        destinations=np.array(["uno", "a"], dtype=object),
        starts=np.array([0, 2, *[2] * (n - 1)]),
        columns=np.array([0, 1], dtype=np.int32),
        deciseconds=np.array([0, 600], dtype=np.int32),
        limit=Minutes(30),
        origin_status=np.zeros(n, dtype=np.int8),
        destination_status=np.zeros(2, dtype=np.int8),
        notes={"speed_m_s": 1.25},
    )
    return Study(
        blocks=pd.DataFrame({"block_id": blocks.ids, "people": blocks.people}),
        places=pd.DataFrame({"place_id": ["uno", "a"], "role": ["fixed", "candidate"]}),
        times=times,
        modules=pd.DataFrame({"place_id": ["uno"], "service": ["pool"]}),
        outlines=blocks.shapes,
        basemap=basemap,
        town={"name": "Pueblo de juguete", "groups": [{"id": "older people", "estimated": False}]},
    )


def small_plan() -> Plan:
    study = small_study()
    return Plan(
        aim="cover-most",
        sites=(1,),
        fixed=(0,),
        assignment=np.zeros(len(study.blocks), dtype=np.int32),
        value=1000.0,
        bound=1001.0,
        proven=False,
        seconds=0.1,
        stopped="clock",
        seed=7,
        within=Minutes(15),
        open=1,
        budget=None,
        multipliers=np.linspace(0, 1, len(study.blocks)),
        root_bound=1002.0,
        certificate=Certificate(1000.0, 1002.0, {"value": True}),
        study=study,
        robustness=Robustness(2, 7, {"limit_min": [10, 15]}, [2], [2], 400.0, 0.0, 0.1, 1.0, 2.0, 0.0),
    )


def test_a_saved_plan_reads_back_the_same(tmp_path: Path) -> None:
    plan = small_plan()
    again = Plan.load(plan.save(tmp_path / "plans" / "one"))
    for name in (
        "aim",
        "sites",
        "fixed",
        "value",
        "bound",
        "proven",
        "stopped",
        "within",
        "open",
        "certificate",
        "robustness",
    ):
        assert getattr(again, name) == getattr(plan, name), name
    assert again.multipliers.tolist() == plan.multipliers.tolist()
    assert again.study is not None
    assert plan.study is not None
    assert again.study.blocks.equals(plan.study.blocks)
    assert again.study.times.deciseconds.tolist() == [0, 600], "a stored zero stays a zero"
    assert again.study.times.starts.tolist() == plan.study.times.starts.tolist()
    assert again.study.outlines is not None
    assert again.study.outlines.coords.tolist() == plan.study.outlines.coords.tolist()  # type: ignore[union-attr]
    assert again.study.basemap is not None
    assert again.study.basemap.polygon_kind.tolist() == ["water", "limit"]
    assert again.study.basemap.labels.tolist() == ["Cerro"]
    assert again.study.basemap.lines.coords.tolist() == [[0, 0], [5, 5], [9, 5]]
    assert again.site_ids == ["a"]


def test_a_changed_plan_is_not_loaded(tmp_path: Path) -> None:
    folder = small_plan().save(tmp_path / "one")
    said = json.loads((folder / "plan.json").read_text())
    said["value"] = 2000.0
    (folder / "plan.json").write_text(json.dumps(said))
    with pytest.raises(VerificationError) as refusal:
        Plan.load(folder)
    assert refusal.value.codes == ("file-changed",)
    assert Plan.load(folder, checked=False).value == 2000.0


def test_what_is_no_plan_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(VerificationError) as refusal:
        Plan.load(tmp_path)
    assert refusal.value.codes == ("no-plan",)


def test_the_gap_is_relative_to_the_value() -> None:
    assert small_plan().gap == pytest.approx(0.001)
    assert small_plan().with_(value=0.0, bound=0.0).gap == 0.0


def test_a_plan_names_its_sites_once_and_ascending() -> None:
    with pytest.raises(MisalignedError):
        small_plan().with_(sites=(1, 0))
    with pytest.raises(MisalignedError):
        small_plan().with_(aim="cover-some")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plan.json", "{"),
        ("plan.json", "{}"),
        ("plan.json", "[]"),
        ("plan.json", '{"format": 99}'),
        ("findings.json", "[]"),
    ],
)
def test_a_sealed_folder_that_is_no_plan_is_a_fault_not_a_crash(tmp_path: Path, name: str, text: str) -> None:
    folder = small_plan().save(tmp_path / "plan")
    (folder / name).write_text(text)
    seal(folder)
    with pytest.raises(VerificationError) as refusal:
        Plan.load(folder)
    assert refusal.value.codes == ("malformed",)
    assert str(folder) in str(refusal.value)
