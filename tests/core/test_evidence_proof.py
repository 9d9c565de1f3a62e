"""A proof shows one event under a signed seal, and nothing that was not sealed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.evidence import GENESIS, Seal, leaf, merkle_root, seal_digest
from fairdial.core.evidence_check import Broken, Proven
from fairdial.core.evidence_proof import Proof, audit_path, check_proofs, proof_line, root_along
from tests.core.test_evidence import KEY, events, genuine, sign


def proof_of(index: int, *, size: int = 5) -> Proof:
    """Event `index` of an honest seal."""
    batch = events(size)
    leaves = [leaf(one) for one in batch]
    root = merkle_root(leaves).hex()
    signature = partial(sign, KEY)(seal_digest(number=3, count=size, root=root, previous=GENESIS, sealed_at="t"))
    seal = Seal(number=3, count=size, root=root, previous=GENESIS, sealed_at="t", signature=signature)
    return Proof(event=batch[index], seal=seal, path=audit_path(leaves, index), public_key=KEY)


@given(data=st.data(), size=st.integers(1, 70))
def test_every_leaf_leads_to_the_root(data: st.DataObject, size: int) -> None:
    leaves = [leaf(one) for one in events(size)]
    index = data.draw(st.integers(0, size - 1))
    assert root_along(leaves[index], audit_path(leaves, index)) == merkle_root(leaves)


def test_an_honest_proof_holds() -> None:
    lines = [proof_line(proof_of(index)) for index in range(5)]
    assert check_proofs(lines, genuine) == Proven(first=3, seals=1, events=5, public_key=KEY)


@pytest.mark.parametrize("change", ["event", "path", "seal", "key", "kind"])
def test_what_was_not_sealed_is_not_proven(change: str) -> None:
    honest = proof_of(2)
    forged = {
        "event": replace(honest, event=replace(honest.event, body='{"id": 4}')),
        "path": replace(honest, path=honest.path[1:]),
        "seal": replace(honest, seal=replace(honest.seal, number=4)),
        "key": replace(honest, public_key="cd" * 32),
        "kind": replace(honest, event=replace(honest.event, kind="permit.used")),
    }[change]
    answer = check_proofs([proof_line(proof_of(1)), proof_line(forged)], genuine)
    assert isinstance(answer, Broken) and answer.line == 2


@given(st.data())
def test_a_changed_character_proves_nothing(data: st.DataObject) -> None:
    line = proof_line(proof_of(2))
    at = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.characters().filter(lambda c: c != line[at]))
    assert isinstance(check_proofs([line[:at] + other + line[at + 1 :]], genuine), Broken)
