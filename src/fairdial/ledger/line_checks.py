"""What a line's registration may hold: refused where it is entered, so that neither SIP nor the edge meets it later."""

from __future__ import annotations

import math
import re

from fairdial.core.trunk import MOST_CALLS, Trunk, is_address, is_line_name
from fairdial.errors import InputError


def check_line(name: str, address: str, capacity: int, trunk: Trunk | None) -> None:
    """See that a line can be called so, and reached and counted.

    Raises:
        InputError: It cannot; says what and how it is written.
    """
    trunk = trunk or Trunk()
    if not is_line_name(name):
        raise InputError(
            f"line {name!r}: a name has 1 to 100 characters, and no = or quote among them 线路名称不能为空,不能含等号、引号"
        )
    if not is_address(address):
        raise InputError(f"address {address}: write host:port, for example 192.0.2.10:5060 请写成 主机:端口")
    for what, zh, value in (
        ("calls at once", "并发数", capacity),
        ("calls a second", "每秒呼叫数", trunk.calls_per_second),
    ):
        if value is not None and not 0 < value <= MOST_CALLS:
            raise InputError(
                f"line {name}: {what} must be above 0 and at most {MOST_CALLS} {zh}须在 0 到 {MOST_CALLS} 之间"
            )
    if trunk.cost is not None and not 0 <= trunk.cost < math.inf:
        raise InputError(f"line {name}: a cost is a number, 0 or more 费用须为不小于 0 的数")


def check_login(trunk: Trunk | None, password: str | None) -> None:
    """See that the SIP stack can be told these: its parser has no way to quote them.

    Raises:
        InputError: A character cannot be in it.
    """
    if trunk is not None and trunk.login is not None and not _LOGIN.fullmatch(trunk.login):
        raise InputError("the login may hold no space, quote, or any of ; : < > @ ? \\ 线路账号含有不能使用的字符")
    if password is not None and not _PASSWORD.fullmatch(password):
        raise InputError("the password may hold no double quote, backslash or control character 密码含有不能使用的字符")


_LOGIN, _PASSWORD = re.compile(r'[^\s;:<>@?"\\]{1,100}'), re.compile(r'[^"\\\x00-\x1f\x7f]{1,200}')
