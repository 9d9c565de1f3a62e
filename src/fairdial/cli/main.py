"""The command line: nouns, then verbs. 命令行:先名词,后动词。"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from fairdial.app.log import open_log
from fairdial.cli import (
    adjustments,
    announcements,
    call,
    campaign,
    complaints,
    contact,
    corrections,
    decide,
    demo,
    edge,
    evidence,
    follow_ups,
    history,
    keys,
    lines,
    lists,
    models,
    parties,
    person,
    readers,
    recording,
    rehearsal,
    rehearse,
    remote,
    replay,
    report,
    retention,
    rules,
    script,
    script_render,
    script_versions,
    serve,
    talk,
    understand,
)
from fairdial.errors import FairdialError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="fairdial 善呼: outbound calls that carry their permission. 每一通外呼都带着许可。",
    epilog="Begin with 从这里开始: [bold]fairdial demo[/bold]",
)
app.command("demo")(demo.demo)
app.command("decide", epilog=decide.EPILOG)(decide.decide_command)
parties.tenant_app.command(
    "adjust", epilog="Example 例: fairdial tenant adjust adjustments.yaml --by 李合规 --reason 自律"
)(adjustments.adjust_command)
parties.tenant_app.command("adjustments", epilog="Example 例: fairdial tenant adjustments --json")(
    adjustments.adjustments_command
)
app.command("talk", epilog=talk.EPILOG)(talk.talk_command)
app.command("rehearse", epilog=rehearse.EPILOG)(rehearse.rehearse_command)
app.command("understand", epilog=understand.EPILOG)(understand.understand_command)
app.command("replay", epilog=replay.EPILOG)(replay.replay_command)
app.command("serve", epilog=serve.EPILOG)(serve.serve_command)
app.command("worker", epilog=serve.WORKER_EPILOG)(serve.worker_command)
app.add_typer(serve.user_app, name="user")
app.add_typer(parties.tenant_app, name="tenant")
app.add_typer(lines.app, name="line")
app.add_typer(edge.app, name="edge")
app.add_typer(parties.caller_app, name="caller")
app.add_typer(parties.registry_app, name="registry")
app.add_typer(lists.app, name="list")
script.app.command("submit", epilog="Example 例: fairdial script submit script.yaml --by 张编写")(
    script_versions.submit
)
script.app.command("approve", epilog="Example 例: fairdial script approve script.yaml --by 李审核")(
    script_versions.approve
)
script.app.command("reject", epilog="Example 例: fairdial script reject script.yaml --by 李审核 --reason 缺少风险提示")(
    script_versions.reject
)
script.app.command("diff", epilog="Example 例: fairdial script diff script.yaml")(script_versions.diff)
script.app.command("history", epilog="Example 例: fairdial script history insurance-renewal")(script_versions.history)
script.app.command("render", epilog=script_render.EPILOG)(script_render.render)
script.app.command("clips", epilog=script_render.CLIPS_EPILOG)(script_render.clips)
app.add_typer(script.app, name="script")
app.add_typer(campaign.app, name="campaign")
app.add_typer(call.app, name="call")
app.add_typer(contact.app, name="contact")
app.add_typer(announcements.app, name="announcements")
app.add_typer(history.app, name="history")
app.add_typer(follow_ups.app, name="follow-ups")
app.add_typer(corrections.app, name="corrections")
app.add_typer(complaints.refusal_app, name="refusal")
app.add_typer(complaints.complaint_app, name="complaint")
app.add_typer(complaints.suspension_app, name="suspension")
app.add_typer(complaints.attempts_app, name="attempts")
app.add_typer(person.app, name="person")
app.add_typer(readers.app, name="reader")
app.add_typer(evidence.app, name="evidence")
app.add_typer(keys.app, name="keys")
app.add_typer(recording.app, name="recording")
app.add_typer(remote.app, name="remote")
app.add_typer(report.app, name="report")
app.add_typer(retention.app, name="retention")
app.add_typer(rules.app, name="rules")
app.add_typer(models.app, name="models")
app.add_typer(rehearsal.app, name="rehearsal")


def main() -> None:
    """Run a command; exit 0 done, 1 refused, 2 usage, 3 unreachable."""
    open_log()
    try:
        app()
    except FairdialError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]{error.code}[/red]: {error}", highlight=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped 已停止; the same command goes on 再次运行同一命令可继续")
        sys.exit(130)
