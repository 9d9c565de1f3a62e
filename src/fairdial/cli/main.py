"""The command line: nouns, then verbs. 命令行:先名词,后动词。

What a command needs is loaded when the command is asked for: all of it together takes seconds.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

from fairdial.errors import FairdialError
from fairdial.observe.log import open_log


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a group of commands that has not been loaded."""

    at: str
    """Module of this package, and its function or group there."""
    says: str
    """Its line in the list of commands; the first of its own help."""
    epilog: str = ""
    """Where a function's epilog stands in its module."""
    beside: tuple[str, ...] = ()
    """Further modules, whose commands are in the group, too."""


ENTRIES = {
    "demo": Entry(
        "demo:demo", "Import a list, ask the gate, call whoever may be called, then do it all again. 完整演示。"
    ),
    "decide": Entry(
        "decide:decide_command",
        "Judge one case: allow, wait until, or deny, with every rule that spoke. 裁定一个案例。",
        "EPILOG",
    ),
    "talk": Entry(
        "talk:talk_command",
        "Talk with a script: see what it says, understands and does. 跟话术对话:看它说什么、听懂什么、做什么。",
        "EPILOG",
    ),
    "rehearse": Entry(
        "rehearse:rehearse_command",
        "Let simulated people answer a script, and report what happened. 让模拟的人来接电话,报告结果。",
        "EPILOG",
    ),
    "understand": Entry(
        "understand:understand_command",
        "Tell what sentences mean, with confidence; with labels, how often that is right. 理解句子,并统计准确率。",
        "EPILOG",
    ),
    "replay": Entry(
        "replay:replay_command",
        "Feed what happened in a call to the conversation again: would it do the same today? 重放:今天还会一样吗?",
        "EPILOG",
    ),
    "serve": Entry(
        "serve:serve_command",
        "Serve the API and the console until stopped, and run what is started there. 启动网页服务。",
        "EPILOG",
    ),
    "worker": Entry(
        "serve:worker_command",
        "Carry the campaigns that `fairdial campaign start` or the console orders; any number of workers, on any machine."
        " 运行外呼任务的进程。",
        "WORKER_EPILOG",
    ),
    "user": Entry("users:app", "Who may sign in. 用户。"),
    "tenant": Entry("parties:tenant_app", "The enterprise that calls. 企业。", beside=("adjustments",)),
    "line": Entry("lines:app", "Telephone lines. 线路。"),
    "edge": Entry("edge:app", "The outbound SIP edge: Kamailio and rtpengine. SIP 边缘。"),
    "caller": Entry("parties:caller_app", "Caller numbers. 主叫号码。"),
    "registry": Entry("parties:registry_app", "Do-not-call registries. 谢绝来电登记。"),
    "list": Entry("lists:app", "Lists of people to call. 名单。"),
    "script": Entry("script:app", "Scripts: what is said. 话术。", beside=("script_versions", "script_render")),
    "campaign": Entry("campaign:app", "Campaigns. 外呼任务。", beside=("campaign_orders",)),
    "call": Entry("call:app", "One call, looked at closely. 单通电话。"),
    "contact": Entry("contact:app", "One contact of a campaign. 客户。"),
    "announcements": Entry("announcements:app", "Recordings of networks, heard before an answer. 接通前的提示音。"),
    "history": Entry("history:app", "Earlier refusals and contacts. 以往记录。"),
    "follow-ups": Entry("follow_ups:app", "What is owed after calls. 通话以后要做的事。"),
    "webhook": Entry("webhooks:app", "Your own systems, told of calls that are over. 通话结果推送。"),
    "corrections": Entry("corrections:app", "What people said of calls afterwards. 人工更正。"),
    "refusal": Entry("complaints:refusal_app", "People who must not be called. 拒绝。"),
    "complaint": Entry("complaints:complaint_app", "Complaints. 投诉。"),
    "suspension": Entry("complaints:suspension_app", "What is suspended. 停用。"),
    "attempts": Entry("complaints:attempts_app", "Attempts. 呼叫。"),
    "person": Entry("person:app", "What is known about one person. 个人信息。"),
    "reader": Entry("readers:app", "Who may read personal data of which level. 查看权限。"),
    "evidence": Entry("evidence:app", "Evidence that convinces a stranger. 能让外人核对的证据。"),
    "keys": Entry("keys:app", "Keys personal data are sealed with. 加密密钥。"),
    "recording": Entry("recording:app", "What calls sounded like. 通话录音。"),
    "remote": Entry("remote:app", "A server elsewhere, asked with FAIRDIAL_KEY. 远程服务器。"),
    "report": Entry("report:app", "Reports. 报告。"),
    "retention": Entry("retention:app", "How long personal data is kept. 保存期限。"),
    "rules": Entry("rules:app", "Rule packs. 规则包。"),
    "models": Entry("models:app", "Model files. 模型文件。"),
    "rehearsal": Entry("rehearsal:app", "The practice phone network. 演练网络。"),
}


def loaded(name: str) -> Any:
    """A command or group, ready to run.

    Raises:
        KeyError: There is none of that name.
    """
    entry = ENTRIES[name]
    place, _, attribute = entry.at.partition(":")
    module = _module(place)
    for other in entry.beside:
        _module(other)
    found = getattr(module, attribute)
    holder = typer.Typer(add_completion=False)
    holder.callback()(lambda: None)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name, epilog=getattr(module, entry.epilog) if entry.epilog else None)(found)
    return typer.main.get_command(holder).commands[name]  # type: ignore[attr-defined]  # a group, by its callback


def _module(name: str) -> ModuleType:
    return import_module(f"fairdial.cli.{name}")


class Commands(TyperGroup):
    """Names and lines of all commands; the one that is asked for is loaded."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = {name: TyperCommand(name, help=entry.says) for name, entry in ENTRIES.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, known, rest = super().resolve_command(ctx, args)
        return name, known and loaded(name or ""), rest


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="fairdial 善呼: outbound calls that carry their permission. 每一通外呼都带着许可。",
    epilog="Begin with 从这里开始: [bold]fairdial demo[/bold]",
)
app.callback()(lambda: None)


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
