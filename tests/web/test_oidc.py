"""Signing in at a provider: who is linked gets in, and no answer that proves nobody does."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey
from typer.testing import CliRunner, Result

from fairdial.cli.main import app as commands
from fairdial.core.access.roles import Role
from fairdial.errors import InputError, MissingError, SettingsError
from fairdial.ledger.access.identities import MOST_BEGUN, link_identity, unlink_identity
from fairdial.ledger.access.users import add_user, change_user
from tests.ledger.stories import TENANT
from tests.web.provider import FakeProvider, come_back, provider, rsa
from tests.web.stories import Site, code_of, site

SUBJECT = "248289761001"


@dataclass(frozen=True)
class Meeting:
    """A console, and the provider it trusts; `li` is linked by subject unless a test says otherwise."""

    there: Site
    fake: FakeProvider

    async def link(self, name: str, *, subject: str | None = None, email: str | None = None) -> None:
        database = self.there.app.database
        await link_identity(
            database, tenant=TENANT, name=name, issuer=self.fake.issuer, subject=subject, email=email, by="王经理"
        )

    async def add(self, name: str) -> None:
        await add_user(self.there.app.database, tenant=TENANT, name=name, roles=[Role.AUDITOR], by="王经理")

    async def begin(self, browser: httpx.AsyncClient, leads_to: str = "/") -> str:
        begun = await browser.post("/api/v1/session/oidc", json={"leads_to": leads_to})
        assert begun.status_code == 200, begun.text
        return str(begun.json()["address"])

    async def sign_in(self, browser: httpx.AsyncClient, leads_to: str = "/") -> httpx.Response:
        answer = await come_back(await self.begin(browser, leads_to))
        return await browser.post("/api/v1/session/oidc/answer", json=answer)


@asynccontextmanager
async def meeting(url: str) -> AsyncIterator[Meeting]:
    async with provider() as fake, site(url, settings=fake.settings()) as there:
        yield Meeting(there=there, fake=fake)


def test_who_is_linked_signs_in_at_the_provider_with_the_roles_they_have_here(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            await met.add("li")
            await met.link("li", subject=SUBJECT)
            met.fake.person["groups"] = ["administrator"]
            browser = met.there.browser()
            assert (await browser.get("/api/v1/session/ways")).json() == {"oidc": "企业账号"}
            answer = await met.sign_in(browser, "/calls?outcome=answered")
            assert answer.status_code == 200, answer.text
            assert answer.json()["leads_to"] == "/calls?outcome=answered"
            assert (answer.json()["who"]["name"], answer.json()["who"]["roles"]) == ("li", ["auditor"])
            assert (await browser.get("/api/v1/session")).json()["name"] == "li"

    asyncio.run(story())


def test_nobody_is_created_and_who_is_shut_out_or_unlinked_stays_out(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            database, issuer = met.there.app.database, met.fake.issuer
            stranger = await met.sign_in(met.there.browser())
            assert (stranger.status_code, code_of(stranger)) == (401, "oidc-unknown")
            await met.add("li")
            await met.link("li", subject=SUBJECT)
            browser = met.there.browser()
            assert (await met.sign_in(browser)).status_code == 200
            await unlink_identity(database, tenant=TENANT, name="li", issuer=issuer, by="王经理")
            assert (await browser.get("/api/v1/session")).status_code == 401, "their session has ended, too"
            assert code_of(await met.sign_in(met.there.browser())) == "oidc-unknown"
            await met.link("li", subject=SUBJECT)
            await change_user(database, tenant=TENANT, name="li", roles=None, is_active=False, by="王经理")
            assert code_of(await met.sign_in(met.there.browser())) == "oidc-unknown"

    asyncio.run(story())


def test_an_email_links_only_when_it_is_verified_and_only_until_the_subject_is_known(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            await met.add("li")
            await met.link("li", email="Li@corp.example")
            for verified in (None, False, "true", 1):
                met.fake.person = {"sub": "mallory", "email": "li@corp.example", "email_verified": verified}
                answer = await met.sign_in(met.there.browser(address=f"203.{verified!s:.1}.1.1"))
                assert code_of(answer) == "oidc-unknown", verified
            met.fake.person = {"sub": SUBJECT, "email": "li@corp.example", "email_verified": True}
            assert (await met.sign_in(met.there.browser())).json()["who"]["name"] == "li"
            met.fake.person = {"sub": SUBJECT, "email": "renamed@corp.example", "email_verified": True}
            assert (await met.sign_in(met.there.browser())).status_code == 200
            met.fake.person = {"sub": "successor", "email": "li@corp.example", "email_verified": True}
            assert code_of(await met.sign_in(met.there.browser())) == "oidc-unknown", "the address has a new owner"

    asyncio.run(story())


LIES: dict[str, Callable[[FakeProvider], object]] = {
    "wrong nonce": lambda fake: fake.lies.update(nonce="another"),
    "no nonce": lambda fake: fake.lies.update(nonce=None),
    "wrong audience": lambda fake: fake.lies.update(aud="another-client"),
    "several audiences without a party": lambda fake: fake.lies.update(aud=["fairdial", "another-client"]),
    "another party": lambda fake: fake.lies.update(azp="another-client"),
    "wrong issuer": lambda fake: fake.lies.update(iss="https://evil.example"),
    "expired": lambda fake: fake.lies.update(exp=int(time.time()) - 60),
    "no end": lambda fake: fake.lies.update(exp=None),
    "from the future": lambda fake: fake.lies.update(iat=int(time.time()) + 3600),
    "no subject": lambda fake: fake.lies.update(sub=None),
    "another access token": lambda fake: fake.lies.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no signature": lambda fake: setattr(fake, "sign", fake.unsigned),
    "signed with the public key": lambda fake: setattr(fake, "sign", fake.by_shared_secret),
    "signed by somebody else": lambda fake: setattr(
        fake, "sign", FakeProvider(issuer=fake.issuer, key=rsa("one")).signed
    ),
    "no token": lambda fake: setattr(fake, "sign", lambda _claims: "not.a.token"),
}


def test_a_token_that_proves_nobody_lets_nobody_in(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            await met.add("li")
            await met.link("li", subject=SUBJECT)
            for index, (name, lie) in enumerate(LIES.items()):
                met.fake.lies, met.fake.sign = {}, None
                lie(met.fake)
                browser = met.there.browser(address=f"198.51.100.{index}")
                answer = await met.sign_in(browser)
                assert (answer.status_code, code_of(answer)) == (401, "oidc"), name
                assert (await browser.get("/api/v1/session")).status_code == 401, name
            met.fake.lies, met.fake.sign = {}, None
            assert (await met.sign_in(met.there.browser())).status_code == 200, "and the truth does"

    asyncio.run(story())


def test_an_answer_counts_once_and_only_in_the_browser_that_began(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            await met.add("li")
            await met.link("li", subject=SUBJECT)
            browser = met.there.browser()
            answer = await come_back(await met.begin(browser))
            thief = await met.there.browser().post("/api/v1/session/oidc/answer", json=answer)
            assert (thief.status_code, code_of(thief)) == (401, "oidc-state")
            other = met.there.browser()
            await met.begin(other)
            injected = await other.post("/api/v1/session/oidc/answer", json=answer)
            assert code_of(injected) == "oidc-state", "one's own sign-in put into another's browser"
            cookies = dict(browser.cookies)
            assert (await browser.post("/api/v1/session/oidc/answer", json=answer)).status_code == 200
            again = met.there.browser()
            again.cookies.update(cookies)
            replayed = await again.post("/api/v1/session/oidc/answer", json=answer)
            assert code_of(replayed) == "oidc-state"
            mixed = await come_back(await met.begin(browser)) | {"iss": "https://evil.example"}
            assert code_of(await browser.post("/api/v1/session/oidc/answer", json=mixed)) == "oidc"
            stolen = await come_back(await met.begin(browser))
            mine = await come_back(await met.begin(other)) | {"code": stolen["code"]}
            assert code_of(await other.post("/api/v1/session/oidc/answer", json=mine)) == "oidc", "PKCE binds the code"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("alg", "key"), [("ES256", ECKey.generate_key("P-256")), ("Ed25519", OKPKey.generate_key("Ed25519"))]
)
def test_signatures_of_elliptic_curves_are_read_also_without_the_name_of_their_key(
    database_url: str, alg: str, key: Key
) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            await met.add("li")
            await met.link("li", subject=SUBJECT)
            met.fake.key, met.fake.sign = key, lambda claims: jwt.encode({"alg": alg}, claims, key, algorithms=[alg])
            answer = await met.sign_in(met.there.browser())
            assert answer.status_code == 200, answer.text

    asyncio.run(story())


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "x"])
def test_nobody_is_led_to_another_origin(database_url: str, to: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            answer = await met.there.browser().post("/api/v1/session/oidc", json={"leads_to": to})
            assert (answer.status_code, code_of(answer)) == (422, "shape")

    asyncio.run(story())


def test_who_fails_often_waits_and_so_does_who_begins_without_end(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            browser = met.there.browser(address="203.0.113.9")
            tried = [
                await browser.post("/api/v1/session/oidc/answer", json={"state": f"guess-{n}", "code": "x"})
                for n in range(6)
            ]
            assert [code_of(one) for one in tried] == ["oidc-state"] * 5 + ["wait"]
            assert int(tried[-1].headers["Retry-After"]) <= 11
            begun = [await browser.post("/api/v1/session/oidc", json={})]
            other = met.there.browser(address="198.51.100.7")
            begun += [await other.post("/api/v1/session/oidc", json={}) for _ in range(MOST_BEGUN + 1)]
            assert [one.status_code for one in begun] == [429] + [200] * MOST_BEGUN + [429]

    asyncio.run(story())


def test_a_provider_that_changes_its_key_is_believed_and_one_that_is_away_is_told_of(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            await met.add("li")
            await met.link("li", subject=SUBJECT)
            assert (await met.sign_in(met.there.browser())).status_code == 200
            met.fake.key = rsa("two")
            assert (await met.sign_in(met.there.browser())).status_code == 200
            met.fake.is_up = False
            away = await met.sign_in(met.there.browser())
            assert (away.status_code, code_of(away)) == (503, "provider")
            refused = await met.there.browser().post("/api/v1/session/oidc/answer", json={"state": "x"})
            assert code_of(refused) == "oidc-state"

    asyncio.run(story())


def test_without_a_provider_there_is_no_such_way(database_url: str) -> None:
    async def story() -> None:
        async with site(database_url) as there:
            browser = there.browser()
            assert (await browser.get("/api/v1/session/ways")).json() == {"oidc": None}
            answer = await browser.post("/api/v1/session/oidc", json={})
            assert (answer.status_code, code_of(answer)) == (404, "not-found")

    asyncio.run(story())


def test_one_person_of_the_provider_is_one_user(database_url: str) -> None:
    async def story() -> None:
        async with meeting(database_url) as met:
            await met.add("li")
            await met.add("zhao")
            await met.link("li", subject=SUBJECT)
            with pytest.raises(InputError, match="another user"):
                await met.link("zhao", subject=SUBJECT)
            with pytest.raises(InputError, match="no user 'wu'"):
                await met.link("wu", subject="x")
            with pytest.raises(InputError, match="either"):
                await met.link("zhao")

    asyncio.run(story())


def test_the_command_line_links_and_ends_it(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "FAIRDIAL_DATABASE_URL": database_url,
        "FAIRDIAL_NUMBER_KEY": "n" * 32,
        "FAIRDIAL_MASTER_KEY": "0" * 64,
        "FAIRDIAL_HOME": str(tmp_path),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    def runs(*words: str) -> Result:
        return CliRunner().invoke(commands, ["user", *words])

    assert runs("add", "li", "--role", "auditor", "--by", "王经理").exit_code == 0
    link = ("link-oidc", "li", "--email", "li@corp.example", "--by", "王经理")
    assert isinstance(runs(*link).exception, SettingsError), "no provider is named"
    for name, value in FakeProvider(issuer="https://id.example").settings().items():
        monkeypatch.setenv(name, value)
    assert runs(*link).exit_code == 0
    assert json.loads(runs("list", "--json").stdout)[0]["has_oidc"] is True
    assert runs("unlink-oidc", "li", "--by", "王经理").exit_code == 0
    assert json.loads(runs("list", "--json").stdout)[0]["has_oidc"] is False
    assert isinstance(runs("unlink-oidc", "wu", "--by", "王经理").exception, MissingError)
