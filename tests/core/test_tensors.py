from __future__ import annotations

import numpy as np
import pytest

from motet.core.errors import StoreError
from motet.core.tensors import read_tensors, write_tensors

KINDS = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "?"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read(tmp_path, kind: str) -> None:
    path = tmp_path / "a.safetensors"
    array = np.arange(12).reshape(3, 4).astype(kind)
    write_tensors(path, {"b": array, "a": array.T, "none": array[:0], "one": array[0, 0:1]})
    found = read_tensors(path)
    assert found["b"].dtype == array.dtype
    np.testing.assert_array_equal(found["b"], array)
    np.testing.assert_array_equal(found["a"], array.T)
    assert found["none"].shape == (0, 4)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_arrays_are_read_only_views(tmp_path) -> None:
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": np.ones(3, np.float32)})
    with pytest.raises(ValueError, match="read-only"):
        read_tensors(path)["a"][0] = 2


def test_a_scalar_keeps_its_shape(tmp_path) -> None:
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": np.array(2.5, np.float32)})
    assert read_tensors(path)["a"].shape == ()


def test_a_failed_write_leaves_the_old_file(tmp_path) -> None:
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": np.ones(3, np.float32)})
    with pytest.raises(KeyError):
        write_tensors(path, {"a": np.ones(3, np.complex64)})
    assert read_tensors(path)["a"].sum() == 3
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01",
        b"\xff" * 20,
        b"\x02\0\0\0\0\0\0\0[]",
        b"\x03\0\0\0\0\0\0\0{x}",
        b'\x0a\0\0\0\0\0\0\0{"a": {}} ',
    ],
)
def test_a_file_of_another_kind_is_an_error_that_names_it(tmp_path, content: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"a\.safetensors"):
        read_tensors(path)


def test_a_file_cut_short_is_an_error(tmp_path) -> None:
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": np.ones(100, np.float32)})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoreError, match="cut short"):
        read_tensors(path)


def test_a_missing_file_is_an_error(tmp_path) -> None:
    with pytest.raises(StoreError, match="No such file"):
        read_tensors(tmp_path / "none")
