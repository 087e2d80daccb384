from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.table import BadFile, find_file, read_json, read_rows

Rows = list[tuple[int, dict[str, str]]]


def read(folder: Path, columns: Sequence[str] = ("code", "nom"), delimiter: str = ",") -> Rows:
    return list(read_rows(folder, "communes.csv", columns, delimiter))


@pytest.fixture(params=["communes.csv", "communes.csv.gz"])
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The file of a test, compressed or not."""
    return tmp_path / str(request.param)


def write(file: Path, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)


def test_rows_come_with_their_line(tmp_path: Path, file: Path) -> None:
    write(file, "code,nom\n75056,Paris\n2A004,Ajaccio\n")

    assert read(tmp_path) == [
        (2, {"code": "75056", "nom": "Paris"}),
        (3, {"code": "2A004", "nom": "Ajaccio"}),
    ]


def test_file_that_is_not_compressed_is_preferred(tmp_path: Path) -> None:
    write(tmp_path / "communes.csv", "code,nom\n1,plain\n")
    write(tmp_path / "communes.csv.gz", "code,nom\n1,compressed\n")

    assert find_file(tmp_path, "communes.csv").name == "communes.csv"
    assert read(tmp_path) == [(2, {"code": "1", "nom": "plain"})]


def test_byte_order_mark_is_no_part_of_the_heading(tmp_path: Path, file: Path) -> None:
    write(file, "code;nom\r\n1;Évry\r\n".encode("utf-8-sig"))

    assert read(tmp_path, delimiter=";") == [(2, {"code": "1", "nom": "Évry"})]


def test_quotes_hold_delimiters_quotes_and_ends_of_line(tmp_path: Path, file: Path) -> None:
    write(file, 'code,nom\n1,"a, ""b""\nc"\n2,d\n')

    assert read(tmp_path) == [
        (3, {"code": "1", "nom": 'a, "b"\nc'}),
        (4, {"code": "2", "nom": "d"}),
    ]


def test_cells_are_stripped_and_blank_lines_left_out(tmp_path: Path, file: Path) -> None:
    write(file, "code,nom\n\n 1 ,\u00a0Paris \n\n")

    assert read(tmp_path) == [(3, {"code": "1", "nom": "Paris"})]


def test_columns_that_nobody_asked_for_are_given_too(tmp_path: Path, file: Path) -> None:
    write(file, "nom,code,autre\nParis,1,x\n")

    assert read(tmp_path, columns=["code"]) == [(2, {"code": "1", "nom": "Paris", "autre": "x"})]


def test_heading_alone_is_a_table_without_rows(tmp_path: Path, file: Path) -> None:
    write(file, "code,nom\n")

    assert read(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("", "the heading lacks code, nom", id="empty"),
        pytest.param("code,name\n1,a\n", "the heading lacks nom", id="missing column"),
        pytest.param("code;nom\n1;a\n", "the heading lacks code, nom", id="other delimiter"),
        pytest.param("code,nom\n1,a\n2\n", "line 3 has not as many cells", id="short row"),
        pytest.param("code,nom\n1,a\n2,b,c\n", "line 3 has not as many cells", id="long row"),
        pytest.param('code,nom\n1,"a"b\n', "not a well-formed CSV", id="text after a quote"),
        pytest.param('code,nom\n1,"a\n2,b\n', "not a well-formed CSV", id="quote left open"),
        pytest.param(f"code,nom\n1,{'a' * 200_000}\n", "not a well-formed CSV", id="endless cell"),
        pytest.param("code,nom\n1,Évry\n".encode("latin-1"), "not in UTF-8", id="latin-1"),
        pytest.param("code,nom\n1,Évry\n".encode("utf-16"), "not in UTF-8", id="utf-16"),
    ],
)
def test_bad_file_is_refused_by_name_with_the_reason(
    tmp_path: Path, file: Path, content: str | bytes, reason: str
) -> None:
    write(file, content)

    with pytest.raises(BadFile, match=reason) as raised:
        read(tmp_path)

    assert str(file) in str(raised.value)


def test_rows_before_the_bad_one_are_read(tmp_path: Path, file: Path) -> None:
    write(file, "code,nom\n1,a\n2\n")
    rows = read_rows(tmp_path, "communes.csv", ["code"])

    assert next(rows) == (2, {"code": "1", "nom": "a"})
    with pytest.raises(BadFile):
        next(rows)


def test_broken_gzip_is_a_bad_file(tmp_path: Path) -> None:
    lines = "".join(f"{number},commune {number * 7919 % 1000}\n" for number in range(2_000))
    whole = gzip.compress(f"code,nom\n{lines}".encode())
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF

    for content in (whole[:-4], whole[: len(whole) // 2], whole[:5], bytes(damaged), b"not gzip at all"):
        (tmp_path / "communes.csv.gz").write_bytes(content)
        with pytest.raises(BadFile):
            read(tmp_path)


def test_absent_file_is_named_in_both_its_forms(tmp_path: Path) -> None:
    (tmp_path / "communes.csv").mkdir()

    with pytest.raises(BadFile, match=r"communes\.csv: no such file, nor communes\.csv\.gz"):
        read(tmp_path)
    with pytest.raises(BadFile, match="no such file"):
        read_json(tmp_path, "communes.csv")


# What a control character means in a CSV file depends on who reads it.
cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_what_the_csv_module_writes_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("code", "nom"), *rows])
    write(tmp_path / "communes.csv", text.getvalue())

    expected = [{"code": code.strip(), "nom": nom.strip()} for code, nom in rows]
    assert [row for _, row in read(tmp_path)] == expected


@pytest.mark.parametrize("name", ["domaines.json", "domaines.json.gz"])
def test_json_is_read(tmp_path: Path, name: str) -> None:
    value = [{"domaine": "Métiers de bouche", "romes": ["D1102"]}]
    write(tmp_path / name, orjson.dumps(value))

    assert read_json(tmp_path, "domaines.json") == value


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"a": NaN}', "é".encode("latin-1"), b'"\\ud800"', gzip.compress(b"[1]", mtime=0)]
)
def test_bad_json_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "domaines.json").write_bytes(content)

    with pytest.raises(BadFile, match=r"domaines\.json: not a well-formed JSON file"):
        read_json(tmp_path, "domaines.json")


def test_truncated_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "domaines.json.gz").write_bytes(gzip.compress(b"[1, 2, 3]", mtime=0)[:-6])

    with pytest.raises(BadFile, match=r"domaines\.json\.gz: not a well-formed JSON file"):
        read_json(tmp_path, "domaines.json")
