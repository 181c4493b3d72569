"""The demo shop itself: its partners and departments, its journey, and who signs in to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

SLUG = "demo"
BRAND = "Ostrel"
TIMEZONE = "Asia/Singapore"
ZONE = ZoneInfo(TIMEZONE)
PASSWORD = "close every loop"  # noqa: S105 - printed for everybody: the demo tenant holds nothing that is true
MAIL = "demo.heed.test"
"""No mail ever leaves for this domain: `.test` is kept free for what is not real."""

NEAR, FAR = "brindlevan", "tarnwick"
"""The two delivery partners. The first drives in the city; the second goes where nobody else does, does it better than
the first would, and still has the worse figure."""

PARTNERS = {NEAR: "Brindlevan", FAR: "Tarnwick Parcel"}

DEPARTMENTS = {
    "digital": ("Shop and app", "frontline"),
    "care": ("Call centre", "frontline"),
    "logistics": ("Logistics planning", "support"),
    "orders": ("Order desk", "support"),
    "returns": ("Returns", "support"),
    "assortment": ("Assortment", "support"),
}


@dataclass(frozen=True)
class Place:
    """One touchpoint; `emotion` is the desired one, a rank of the twenty."""

    key: str
    name: str
    stage: str
    channel: str
    emotion: int
    department: str | None = None
    partner: str | None = None


JOURNEY, JOURNEY_NAME = "shop", "From the wish to the sofa"
STAGES = ("Choosing", "Ordering", "Receiving", "Living with it", "Help")
PLACES = (
    Place("app-search", "Finding things in the app", "choosing", "app", 15, "digital"),
    Place("checkout", "Checkout", "ordering", "web", 11, "digital"),
    Place("order-mail", "Order confirmation", "ordering", "email", 17, "orders"),
    Place("delivery", "Delivery to the door", "receiving", "delivery", 14, "logistics"),
    Place("appointment", "Delivery by appointment", "receiving", "delivery", 14, partner=FAR),
    Place("pick-up", "Pick-up point", "receiving", "store", 14, partner=NEAR),
    Place("product", "The product after a week", "living-with-it", "email", 16, "assortment"),
    Place("service-line", "Call to the service line", "help", "phone", 11, "care"),
    Place("chat", "Chat in the app", "help", "chat", 11, "care"),
    Place("return", "Return and refund", "help", "mail", 11, "returns"),
)


@dataclass(frozen=True)
class Person:
    """Somebody who signs in."""

    name: str
    role: str
    email: str
    partner: str | None = None


ADMIN = Person("Maya Lindholm", "admin", f"maya@{MAIL}")
JUN = Person("Jun Tan", "agent", f"jun@{MAIL}")
WEN = Person("李雯", "agent", f"wen@{MAIL}")
RAVI = Person("Ravi Menon", "analyst", f"ravi@{MAIL}")
PETRA = Person("Petra Voss", "partner", f"petra@{NEAR}.{MAIL}", NEAR)
OWEN = Person("Owen Tarn", "partner", f"owen@{FAR}.{MAIL}", FAR)

PEOPLE = (ADMIN, JUN, WEN, RAVI, PETRA, OWEN)
SHOWN = (ADMIN, JUN, RAVI, OWEN)
"""One for each role: what a start prints."""

EMPLOYEES = {"e-11": JUN.name, "e-12": WEN.name, "e-13": "Farah Idris", "e-14": "Tom Reyes"}
"""Who takes calls and chats."""
