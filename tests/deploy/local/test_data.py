from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.data import ImportFailed, LoadedData, data_problems, run_importers
from deploy.local.plan import Importer
from services.common.generation import Format, new_generation

pytestmark = pytest.mark.server


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "formations.csv").write_text("id\n1\n")
    return folder


def _importer(folder: Path, code: str = "", name: str = "catalogue") -> Importer:
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    (folder / "product").mkdir(exist_ok=True)
    command = (sys.executable, "-c", code)
    return Importer(name, command, {}, (sources,), folder / "product", folder / "reports" / f"{name}.jsonl")


def _pending(folder: Path, importer: Importer, data: Path) -> bool:
    return bool(LoadedData(folder / "loaded.json").pending([importer], data))


async def _run(folder: Path, importer: Importer, data: Path) -> None:
    loaded = LoadedData(folder / "loaded.json")
    await run_importers(loaded.pending([importer], data), loaded, lambda _: None)


async def test_nothing_is_pending_after_an_import(tmp_path: Path, data: Path) -> None:
    importer = _importer(tmp_path)
    assert _pending(tmp_path, importer, data)

    await _run(tmp_path, importer, data)

    assert not _pending(tmp_path, importer, data)


async def test_changed_data_changed_code_or_lost_product_is_imported_again(
    tmp_path: Path, data: Path
) -> None:
    importer = _importer(tmp_path)
    await _run(tmp_path, importer, data)

    (data / "formations.csv").write_text("id\n2\n")
    assert _pending(tmp_path, importer, data)
    await _run(tmp_path, importer, data)

    (tmp_path / "sources" / "load.py").write_text("VERSION = 2\n")
    assert _pending(tmp_path, importer, data)
    await _run(tmp_path, importer, data)

    (tmp_path / "product").rmdir()
    assert _pending(tmp_path, importer, data)


async def test_damaged_data_is_named_and_imported_again(tmp_path: Path, data: Path) -> None:
    importer = _importer(tmp_path)
    with new_generation(importer.product, Format("1", "")) as folder:
        (folder / "rows").write_text("rows")
    await _run(tmp_path, importer, data)
    assert not _pending(tmp_path, importer, data)
    rows = (importer.product / "current").resolve() / "rows"
    rows.write_text("ro")

    damages = LoadedData(tmp_path / "loaded.json").damages([importer])

    assert damages == [f"{rows}: 2 bytes instead of 4: catalogue is imported again"]
    assert _pending(tmp_path, importer, data)


async def test_data_that_was_emptied_is_named_and_imported_again(tmp_path: Path, data: Path) -> None:
    importer = _importer(tmp_path)
    with new_generation(importer.product, Format("1", "")) as folder:
        (folder / "rows").write_text("rows")
    await _run(tmp_path, importer, data)
    shutil.rmtree(importer.product)
    importer.product.mkdir()

    damages = LoadedData(tmp_path / "loaded.json").damages([importer])

    assert damages == [f"{importer.product}: its data is gone: catalogue is imported again"]
    assert _pending(tmp_path, importer, data)


async def test_what_was_loaded_into_an_empty_folder_is_forgotten(tmp_path: Path, data: Path) -> None:
    importer = _importer(tmp_path)
    await _run(tmp_path, importer, data)
    loaded = LoadedData(tmp_path / "loaded.json")
    (importer.product / "mongod.log").touch()

    said = loaded.forget_lost(importer.product, {"catalogue", "never loaded"})

    assert said == [f"{importer.product}: empty or missing: catalogue is imported again"]
    assert _pending(tmp_path, importer, data)
    assert loaded.forget_lost(importer.product, {"catalogue"}) == []


async def test_data_of_another_engine_is_imported_again(tmp_path: Path, data: Path) -> None:
    importer = _importer(tmp_path)
    await _run(tmp_path, importer, data)
    elsewhere = replace(importer, engine="a cluster")

    assert _pending(tmp_path, elsewhere, data)

    await _run(tmp_path, elsewhere, data)
    assert not _pending(tmp_path, elsewhere, data)
    assert _pending(tmp_path, importer, data)


async def test_touched_file_is_not_imported_again(tmp_path: Path, data: Path) -> None:
    importer = _importer(tmp_path)
    await _run(tmp_path, importer, data)

    (data / "formations.csv").touch()

    assert not _pending(tmp_path, importer, data)


async def test_failed_import_is_named_and_must_run_again(tmp_path: Path, data: Path) -> None:
    await _run(tmp_path, _importer(tmp_path), data)
    (data / "formations.csv").write_text("id\n2\n")

    with pytest.raises(ImportFailed, match=r"the import of catalogue failed \(code 4\)"):
        await _run(tmp_path, _importer(tmp_path, "raise SystemExit(4)"), data)

    (data / "formations.csv").write_text("id\n1\n")
    assert _pending(tmp_path, _importer(tmp_path), data)


async def test_import_that_leaves_nothing_is_named(tmp_path: Path, data: Path) -> None:
    product = tmp_path / "product"
    importer = _importer(tmp_path, f"import os; os.rmdir({str(product)!r})")

    with pytest.raises(ImportFailed, match=f"the import of catalogue ended well, but left no {product}"):
        await _run(tmp_path, importer, data)


async def test_importers_after_the_failed_one_are_not_run(tmp_path: Path, data: Path) -> None:
    mark = tmp_path / "mark"
    importers = [
        _importer(tmp_path, "raise SystemExit(1)", "jobs"),
        _importer(tmp_path, f"open({str(mark)!r}, 'w')", "rdv"),
    ]
    loaded = LoadedData(tmp_path / "loaded.json")

    with pytest.raises(ImportFailed):
        await run_importers(loaded.pending(importers, data), loaded, lambda _: None)

    assert not mark.exists()


def test_every_missing_file_is_named(data: Path) -> None:
    (data / "communes.csv.gz").touch()

    (problem,) = data_problems(data)

    assert "etablissements.csv" in problem
    assert "synonymes.json" in problem
    assert "formations.csv" not in problem
    assert "communes.csv" not in problem


def test_folder_that_is_none_is_named(tmp_path: Path) -> None:
    assert data_problems(tmp_path / "none") == [f"{tmp_path / 'none'} is not a folder (DATA=)"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"catalogue": {"format": 2}}'])
async def test_memory_that_cannot_be_read_makes_everything_be_imported_again(
    tmp_path: Path, data: Path, content: str
) -> None:
    importer = _importer(tmp_path)
    await _run(tmp_path, importer, data)
    (tmp_path / "loaded.json").write_text(content)

    said: list[str] = []
    LoadedData(tmp_path / "loaded.json", said.append)
    assert said == [f"{tmp_path / 'loaded.json'}: cut, or of another version: everything is imported again"]
    assert _pending(tmp_path, importer, data)
    await _run(tmp_path, importer, data)
    assert not _pending(tmp_path, importer, data)
