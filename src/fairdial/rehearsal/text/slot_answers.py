"""What somebody answers who is asked for a number, a day, a choice: the value they mean, and the words for it.

Values are written as `core.dialogue.slot_value` writes them, but reckoned here, so that one can be compared with the other.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from fairdial.core.script.model import Slot, SlotType
from fairdial.core.script.numerals import spoken_number

_NAMES = ("王芳", "李建国", "张敏", "刘洋", "陈晓东", "杨丽华", "赵强", "周婷", "吴志明", "孙秀英")
_TIMES = {
    "09:00": ("上午九点", "早上九点吧"),
    "10:30": ("上午十点半", "十点半吧"),
    "14:00": ("下午两点", "下午两点左右"),
    "15:00": ("下午三点", "下午三点钟吧"),
    "16:30": ("下午四点半",),
    "19:00": ("晚上七点", "晚上七点吧"),
}
_WEEKDAYS = "一二三四五六日"
_AMOUNTS = (50, 80, 100, 200, 300, 500, 800, 1000, 1200, 2000, 3000, 5000)


def meant(slot: Slot, chance: Random, now: datetime) -> str:
    """Make up what somebody wants to answer."""
    match slot.type:
        case SlotType.YES_NO:
            return chance.choice(("yes", "yes", "no"))
        case SlotType.NUMBER:
            least = 1 if slot.least is None else slot.least
            return str(chance.randint(least, least + 9 if slot.most is None else slot.most))
        case SlotType.AMOUNT:
            fits = [a for a in _AMOUNTS if (slot.least or 0) <= a <= (slot.most or a)]
            return f"{chance.choice(fits or [slot.least or slot.most or 1])}.00"
        case SlotType.DATE:
            return (now.date() + timedelta(days=chance.randint(1, 6))).isoformat()
        case SlotType.TIME:
            return chance.choice(tuple(_TIMES))
        case SlotType.NAME:
            return chance.choice(_NAMES)
        case SlotType.CHOICE:
            return chance.choice(tuple(slot.choices))


def words(slot: Slot, value: str, *, counts_points: bool, chance: Random, now: datetime) -> str:
    """Say a value; for a yes or no without words of its own, plainly."""
    match slot.type:
        case SlotType.YES_NO:
            return chance.choice(slot.choices.get(value) or (("是的", "对") if value == "yes" else ("没有", "不是")))
        case SlotType.NUMBER:
            unit = "分" if counts_points else ""
            return chance.choice(("{}", "{}吧", "我打{}" if unit else "{}个")).format(spoken_number(int(value)) + unit)
        case SlotType.AMOUNT:
            return chance.choice(("{}块", "{}元", "{}块钱吧")).format(spoken_number(int(float(value))))
        case SlotType.DATE:
            return chance.choice(_days(date.fromisoformat(value), now)) + chance.choice(("", "吧", "可以"))
        case SlotType.TIME:
            return chance.choice(_TIMES[value])
        case SlotType.NAME:
            return chance.choice(("我叫{}", "{}", "我的名字是{}")).format(value)
        case SlotType.CHOICE:
            return chance.choice(slot.choices[value]) + chance.choice(("", "吧", "啊"))


def _days(day: date, now: datetime) -> tuple[str, ...]:
    ahead = (day - now.date()).days
    weekday = _WEEKDAYS[day.weekday()]
    near = {1: ("明天",), 2: ("后天",), 3: ("大后天",)}.get(ahead, ())
    return (*near, f"周{weekday}", f"礼拜{weekday}", f"{spoken_number(day.month)}月{spoken_number(day.day)}号")
