"""`fairdial contact`: one contact of a campaign. 客户。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from fairdial.app import App
from fairdial.cli.output import Json, in_app, print_json
from fairdial.errors import InputError
from fairdial.given_number import require_number
from fairdial.ledger.views.why import whys_of

app = typer.Typer(no_args_is_help=True, help="One contact of a campaign. 客户。")

_MOST_DIGITS_OF_AN_ID = 9
"""A telephone number has more."""


@app.callback()
def contact() -> None:
    """One contact of a campaign. 客户。"""


@app.command("why", epilog="Example 例: fairdial contact why 17 --campaign renewals-december")
def why(
    contact: Annotated[
        str,
        typer.Argument(help="Its number in the console, or a telephone number. 客户编号或电话号码。"),
    ],
    campaign: Annotated[str | None, typer.Option(help="Only in this campaign. 只看该任务。")] = None,
    as_json: Json = False,
) -> None:
    """Why a contact was called, waits until when, or is never called, with every rule against it. 为什么呼叫或不呼叫。"""
    by_id = int(contact) if contact.isdigit() and len(contact) <= _MOST_DIGITS_OF_AN_ID else None

    async def work(opened: App) -> Sequence[dict[str, Any]]:
        number = None if by_id is not None else require_number(contact, opened.packs).e164
        tenant = opened.settings.tenant
        return await whys_of(opened.database, tenant=tenant, contact=by_id, number=number, campaign=campaign)

    found = in_app(work)
    if not found:
        raise InputError("no campaign has this contact; `fairdial report write` lists those of one 没有任务包含该客户")
    told = [_plain(row) for row in found]
    if as_json:
        print_json(told)
        return
    console = Console(soft_wrap=True, highlight=False)
    for one in told:
        console.print(f"{one['campaign']} #{one['contact']}: {one['zh']} {one['en']}", markup=False)
        for rule in one["against"]:
            console.print(
                f"  {rule['rule_id']}: {rule.get('reason_zh', '')} {rule.get('reason_en', '')} ({rule['cite']})",
                markup=False,
            )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    against = [o for o in row["opinions"] or () if o["outcome"] != "allow"]
    kept = {"campaign": row["campaign"], "contact": row["id"], "tries": row["tries"], "waits_for": row["waits_for"]}
    return kept | asdict(row["why"]) | {"decided_at": row["decided_at"], "against": against}
