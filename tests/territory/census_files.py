"""A small file in the exact layout of INEGI's census of 2020 by AGEB and block, with its totals and its stars."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

# The columns of conjunto_de_datos_ageb_urbana_09_cpv2020.csv, in their order (INEGI's dictionary, third edition).
_MNEMONICS = """
ENTIDAD NOM_ENT MUN NOM_MUN LOC NOM_LOC AGEB MZA POBTOT POBFEM POBMAS P_0A2 P_0A2_F P_0A2_M P_3YMAS P_3YMAS_F
P_3YMAS_M P_5YMAS P_5YMAS_F P_5YMAS_M P_12YMAS P_12YMAS_F P_12YMAS_M P_15YMAS P_15YMAS_F P_15YMAS_M P_18YMAS
P_18YMAS_F P_18YMAS_M P_3A5 P_3A5_F P_3A5_M P_6A11 P_6A11_F P_6A11_M P_8A14 P_8A14_F P_8A14_M P_12A14
P_12A14_F P_12A14_M P_15A17 P_15A17_F P_15A17_M P_18A24 P_18A24_F P_18A24_M P_15A49_F P_60YMAS P_60YMAS_F
P_60YMAS_M REL_H_M POB0_14 POB15_64 POB65_MAS PROM_HNV PNACENT PNACENT_F PNACENT_M PNACOE PNACOE_F PNACOE_M
PRES2015 PRES2015_F PRES2015_M PRESOE15 PRESOE15_F PRESOE15_M P3YM_HLI P3YM_HLI_F P3YM_HLI_M P3HLINHE
P3HLINHE_F P3HLINHE_M P3HLI_HE P3HLI_HE_F P3HLI_HE_M P5_HLI P5_HLI_NHE P5_HLI_HE PHOG_IND POB_AFRO POB_AFRO_F
POB_AFRO_M PCON_DISC PCDISC_MOT PCDISC_VIS PCDISC_LENG PCDISC_AUD PCDISC_MOT2 PCDISC_MEN PCON_LIMI PCLIM_CSB
PCLIM_VIS PCLIM_HACO PCLIM_OAUD PCLIM_MOT2 PCLIM_RE_CO PCLIM_PMEN PSIND_LIM P3A5_NOA P3A5_NOA_F P3A5_NOA_M
P6A11_NOA P6A11_NOAF P6A11_NOAM P12A14NOA P12A14NOAF P12A14NOAM P15A17A P15A17A_F P15A17A_M P18A24A P18A24A_F
P18A24A_M P8A14AN P8A14AN_F P8A14AN_M P15YM_AN P15YM_AN_F P15YM_AN_M P15YM_SE P15YM_SE_F P15YM_SE_M P15PRI_IN
P15PRI_INF P15PRI_INM P15PRI_CO P15PRI_COF P15PRI_COM P15SEC_IN P15SEC_INF P15SEC_INM P15SEC_CO P15SEC_COF
P15SEC_COM P18YM_PB P18YM_PB_F P18YM_PB_M GRAPROES GRAPROES_F GRAPROES_M PEA PEA_F PEA_M PE_INAC PE_INAC_F
PE_INAC_M POCUPADA POCUPADA_F POCUPADA_M PDESOCUP PDESOCUP_F PDESOCUP_M PSINDER PDER_SS PDER_IMSS PDER_ISTE
PDER_ISTEE PAFIL_PDOM PDER_SEGP PDER_IMSSB PAFIL_IPRIV PAFIL_OTRAI P12YM_SOLT P12YM_CASA P12YM_SEPA PCATOLICA
PRO_CRIEVA POTRAS_REL PSIN_RELIG TOTHOG HOGJEF_F HOGJEF_M POBHOG PHOGJEF_F PHOGJEF_M VIVTOT TVIVHAB TVIVPAR
VIVPAR_HAB VIVPARH_CV TVIVPARHAB VIVPAR_DES VIVPAR_UT OCUPVIVPAR PROM_OCUP PRO_OCUP_C VPH_PISODT VPH_PISOTI
VPH_1DOR VPH_2YMASD VPH_1CUART VPH_2CUART VPH_3YMASC VPH_C_ELEC VPH_S_ELEC VPH_AGUADV VPH_AEASP VPH_AGUAFV
VPH_TINACO VPH_CISTER VPH_EXCSA VPH_LETR VPH_DRENAJ VPH_NODREN VPH_C_SERV VPH_NDEAED VPH_DSADMA VPH_NDACMM
VPH_SNBIEN VPH_REFRI VPH_LAVAD VPH_HMICRO VPH_AUTOM VPH_MOTO VPH_BICI VPH_RADIO VPH_TV VPH_PC VPH_TELEF
VPH_CEL VPH_INTER VPH_STVP VPH_SPMVPI VPH_CVJ VPH_SINRTV VPH_SINLTC VPH_SINCINT VPH_SINTIC
"""
MNEMONICS = _MNEMONICS.split()
KEYS = ("ENTIDAD", "MUN", "LOC", "AGEB", "MZA")
AGES = {
    "P_0A2": (0, 2), "P_3A5": (3, 5), "P_6A11": (6, 11), "P_12A14": (12, 14), "P_15A17": (15, 17), "P_18A24": (18, 24),
    "P_60YMAS": (60, 130), "P_18YMAS": (18, 130),
}  # fmt: skip
WOMEN = {
    "P_15A49_F": (15, 49),
    "P_15A17_F": (15, 17),
    "P_18A24_F": (18, 24),
    "P_18YMAS_F": (18, 130),
    "P_60YMAS_F": (60, 130),
}
OPEN_WHEN_WITHHELD = ("POBTOT", "VIVTOT", "TVIVHAB")
NAMES = {
    "state": "Total de la entidad", "municipality": "Total del municipio", "locality": "Total de la localidad urbana",
    "ageb": "Total AGEB urbana", "block": "Iztapalapa",
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    age: int
    woman: bool = False
    disability: bool = False


@dataclass(frozen=True)
class Block:
    """One block: where, who, in how many dwellings."""

    ageb: str
    mza: str
    people: tuple[Person, ...]
    dwellings: int = 10
    mun: str = "007"
    loc: str = "0001"
    ent: str = "09"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.ent, self.mun, self.loc, self.ageb, self.mza)


def counts_of(people: tuple[Person, ...], dwellings: int) -> Counter[str]:
    """Every count that is not 0 of some people."""
    made: Counter[str] = Counter(POBTOT=len(people), VIVTOT=dwellings, TVIVHAB=dwellings)
    for one in people:
        made["POBFEM" if one.woman else "POBMAS"] += 1
        made["PCON_DISC"] += one.disability
        for name, (first, last) in {**AGES, **(WOMEN if one.woman else {})}.items():
            made[name] += first <= one.age <= last
    return made


def rows_of(blocks: list[Block], *, masked: bool = True) -> list[dict[str, str]]:
    """The rows of the file, from the state down to the blocks, each level with INEGI's stars."""
    rows = []
    for kept, level in enumerate(NAMES, 1):
        groups: dict[tuple[str, ...], list[Block]] = {}
        for block in blocks:
            zeros = tuple("0" * len(code) for code in block.codes[kept:])
            groups.setdefault(block.codes[:kept] + zeros, []).append(block)
        for codes, inside in groups.items():
            people = tuple(one for block in inside for one in block.people)
            counts = counts_of(people, sum(block.dwellings for block in inside))
            row = dict(zip(KEYS, codes, strict=True)) | {
                "NOM_ENT": "Ciudad de México",
                "NOM_MUN": "Iztapalapa",
                "NOM_LOC": NAMES[level],
            }
            row |= {name: withheld(name, counts, masked) for name in MNEMONICS if name not in row}
            rows.append(row)
    return sorted(rows, key=lambda row: [row[key] for key in KEYS])


def withheld(name: str, counts: Counter[str], masked: bool) -> str:
    """A count as INEGI prints it: a star for 1 and 2, and for all but people and dwellings under three dwellings."""
    if masked and name not in OPEN_WHEN_WITHHELD and (counts[name] in (1, 2) or 0 < counts["TVIVHAB"] < 3):
        return "*"
    return str(counts[name])


def write_census(file: Path, rows: list[dict[str, str]], columns: list[str] = MNEMONICS) -> Path:
    lines = [",".join(columns)] + [",".join(row[name] for name in columns) for row in rows]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n")
    return file


def crowd(count: int, *ages: int) -> tuple[Person, ...]:
    """So many people of each of these ages, every other a woman."""
    return tuple(Person(age, woman=i % 2 == 0) for age in ages for i in range(count))


persons = st.builds(Person, st.integers(0, 95), st.booleans(), st.booleans())
populations = st.lists(persons, max_size=12).map(tuple)


@st.composite
def cities(draw: st.DrawFn) -> list[Block]:
    """One to three AGEBs of one to five blocks, some of one or two dwellings, some with nobody."""
    blocks = []
    for ageb in range(draw(st.integers(1, 3))):
        for mza in range(1, draw(st.integers(1, 5)) + 1):
            people = draw(populations)
            blocks.append(Block(f"00{ageb + 1}A", f"{mza:03d}", people, draw(st.integers(1, 9)) if people else 0))
    return blocks
