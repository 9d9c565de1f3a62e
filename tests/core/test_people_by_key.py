"""Keys and their persons: the same answers as a dictionary, whatever was added in whatever order."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.contacts.people_by_key import NOBODY, Keys, PeopleByKey, keys_of

_HALF = st.one_of(st.sampled_from([0, 1, 2**40, 2**63, 2**64 - 1]), st.integers(0, 2**64 - 1))
KEY = st.tuples(_HALF, _HALF)
"""Half of the keys begin alike, which hashes never do: nothing may rest on luck."""


def keys(pairs: list[tuple[int, int]]) -> Keys:
    return np.array(pairs, dtype=np.uint64).reshape(-1, 2).T.copy()


def ids(numbers: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(numbers, dtype=np.int32)


@given(st.lists(st.dictionaries(KEY, st.integers(0, 2**31 - 1), max_size=40), max_size=6), st.lists(KEY, max_size=40))
def test_it_answers_as_a_dictionary_does(
    additions: list[dict[tuple[int, int], int]], others: list[tuple[int, int]]
) -> None:
    people, known = PeopleByKey.nobody(), dict[tuple[int, int], int]()
    for added in additions:
        people = people.added(keys(list(added)), ids(list(added.values())))
        known |= added
        asked = [*known, *others]
        assert people.find(keys(asked)).tolist() == [known.get(key, NOBODY) for key in asked]


@given(st.lists(st.tuples(KEY, st.integers(0, 9)), max_size=60))
def test_of_a_key_that_comes_twice_the_last_person_counts(pairs: list[tuple[tuple[int, int], int]]) -> None:
    people = PeopleByKey.nobody().added(keys([k for k, _ in pairs]), ids([p for _, p in pairs]))
    known = dict(pairs)
    assert people.find(keys(list(known))).tolist() == list(known.values())


def test_adding_leaves_the_one_before_as_it_was() -> None:
    before = PeopleByKey.nobody().added(keys([(1, 1)]), ids([7]))
    after = before.added(keys([(2, 2)]), ids([8]))
    assert before.find(keys([(1, 1), (2, 2)])).tolist() == [7, NOBODY]
    assert after.find(keys([(1, 1), (2, 2)])).tolist() == [7, 8]


def test_ten_thousand_hashes_added_one_by_one_to_many_are_all_found() -> None:
    hashes = b"".join(sha256(bytes([i & 255, i >> 8])).digest() for i in range(20_000))
    all_keys = keys_of(hashes, each=32)
    people = PeopleByKey.nobody().added(all_keys[:, :9_900], np.arange(9_900, dtype=np.int32))
    for place in range(9_900, 10_000):
        people = people.added(all_keys[:, place : place + 1], ids([place]))
    assert people.find(all_keys).tolist() == [*range(10_000), *[NOBODY] * 10_000]


def test_keys_are_the_first_sixteen_bytes_big_end_first() -> None:
    hashes = bytes(range(64))
    assert keys_of(hashes, each=32).tolist() == [
        [0x0001020304050607, 0x2021222324252627],
        [0x08090A0B0C0D0E0F, 0x28292A2B2C2D2E2F],
    ]
