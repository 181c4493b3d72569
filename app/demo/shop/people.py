"""The customers of the demo shop: names that read well in both languages, and addresses that lead nowhere."""

from __future__ import annotations

from random import Random

from app.customers.intake_rules import NewCustomer

_FIRST = (
    "Amelia", "Arjun", "Beatrix", "Caleb", "Chloe", "Dalia", "Darius", "Elena", "Elliot", "Esther", "Fatimah",
    "Felix", "Grace", "Hannah", "Imran", "Iris", "Jasper", "Kavita", "Leila", "Lucas", "Mabel", "Marcus", "Nadia",
    "Noah", "Olive", "Omar", "Priya", "Quentin", "Rosa", "Samir", "Selma", "Theo", "Uma", "Victor", "Yasmin", "Zoe",
)  # fmt: skip
_LAST = (
    "Abbott", "Alvarez", "Barnes", "Castellan", "Chandran", "Dawson", "Eriksen", "Fernando", "Goh", "Hartley",
    "Hussein", "Ibarra", "Jensen", "Kapoor", "Keller", "Lim", "Marlowe", "Nair", "Okafor", "Osman", "Pereira",
    "Quayle", "Ramos", "Santoso", "Sharma", "Thorne", "Usman", "Vance", "Wickham", "Yeo",
)  # fmt: skip
_FAMILY = (
    ("陈", "chen"), ("林", "lin"), ("黄", "huang"), ("张", "zhang"), ("李", "li"), ("王", "wang"), ("吴", "wu"),
    ("刘", "liu"), ("蔡", "cai"), ("杨", "yang"), ("许", "xu"), ("郑", "zheng"), ("谢", "xie"), ("郭", "guo"),
    ("洪", "hong"), ("曾", "zeng"), ("周", "zhou"), ("叶", "ye"), ("沈", "shen"), ("何", "he"),
)  # fmt: skip
_GIVEN = (
    ("思敏", "simin"), ("佳慧", "jiahui"), ("伟杰", "weijie"), ("俊豪", "junhao"), ("雅婷", "yating"),
    ("志明", "zhiming"), ("丽华", "lihua"), ("欣怡", "xinyi"), ("建国", "jianguo"), ("晓彤", "xiaotong"),
    ("文博", "wenbo"), ("美玲", "meiling"), ("子轩", "zixuan"), ("静", "jing"), ("浩然", "haoran"),
    ("慧敏", "huimin"), ("国强", "guoqiang"), ("雨桐", "yutong"), ("振宇", "zhenyu"), ("芳", "fang"),
    ("嘉怡", "jiayi"), ("永康", "yongkang"), ("诗琪", "shiqi"), ("天佑", "tianyou"),
)  # fmt: skip

COUNT = 430
_SHARE_CHINESE = 0.4


def customers(draw: Random) -> list[NewCustomer]:
    """All of them, each with an external id and an address of its own."""
    return [_customer(draw, number) for number in range(1, COUNT + 1)]


def _customer(draw: Random, number: int) -> NewCustomer:
    if draw.random() < _SHARE_CHINESE:
        (family, family_sound), (given, given_sound) = draw.choice(_FAMILY), draw.choice(_GIVEN)
        name, mailbox, locale = family + given, f"{given_sound}.{family_sound}", "zh-Hans"
    else:
        first, last = draw.choice(_FIRST), draw.choice(_LAST)
        name, mailbox, locale = f"{first} {last}", f"{first}.{last}".lower(), "en"
    identifiers = [("external", f"C-{10_000 + number}"), ("email", f"{mailbox}.{number}@post.test")]
    return NewCustomer(identifiers, name=name, locale=locale)
