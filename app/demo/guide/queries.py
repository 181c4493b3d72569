"""How far somebody has come on the walk: read from the rows that the steps themselves leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from app.demo.shop.service import is_told
from app.kernel.db import db
from app.loop.cases.models import Case, CaseClosure
from app.surveys.answering.models import Response
from app.surveys.outreach.models import Interaction
from app.tenants import queries as tenants
from app.tenants.models import AuditEvent

SUBJECT = "guide"
CARD_OPENED, PUT_AWAY, TAKEN_OUT = "guide.card_opened", "guide.put_away", "guide.taken_out"
STEPS = ("answer", "arrive", "close", "card")


@dataclass(frozen=True)
class Walk:
    """One person's walk. `asked` counts the surveys sent to them; `is_open` says that the last one waits for its
    answer, `is_content` that it was answered too well to open a case; `case` is the number of the last case."""

    is_ready: bool
    asked: int = 0
    is_open: bool = False
    is_content: bool = False
    case: int | None = None
    done: frozenset[str] = frozenset()
    is_away: bool = False

    @property
    def next_step(self) -> str | None:
        """The first step that is not done yet; None at the end of the walk."""
        return next((step for step in STEPS if step not in self.done), None)


def external_id(user_id: UUID, number: int) -> str:
    """The sender's id of the survey that this person asked for as their `number`th."""
    return f"{_prefix(user_id)}{number:04d}"


def find_walk(user_id: UUID) -> Walk:
    """How far this person has come, in a handful of statements."""
    if not is_told():
        return Walk(is_ready=False)
    acts = _acts(user_id)
    rows = _asked(user_id)
    last = rows[-1] if rows else None
    found = {
        "answer": any(row.answered for row in rows),
        "arrive": any(row.number for row in rows),
        "close": any(row.closed for row in rows),
        "card": CARD_OPENED in acts,
    }
    return Walk(
        is_ready=True,
        asked=len({row.id for row in rows}),
        is_open=last is not None and not last.answered,
        is_content=last is not None and last.nps is not None and last.nps > tenants.settings().nps_detractor_max,
        case=next((row.number for row in reversed(rows) if row.number), None),
        done=frozenset(step for step in STEPS if found[step]),
        is_away=next((act == PUT_AWAY for act in reversed(acts) if act != CARD_OPENED), False),
    )


def _acts(user_id: UUID) -> list[str]:
    mine = (AuditEvent.subject_type == SUBJECT) & (AuditEvent.actor_id == user_id)
    return list(db.session.scalars(select(AuditEvent.action).where(mine).order_by(AuditEvent.at, AuditEvent.id)))


def _asked(user_id: UUID) -> list[Row[Any]]:
    """A row for each survey that this person asked for (for each closure of its case), the last one last."""
    prefix = _prefix(user_id)
    query = (
        select(
            Interaction.id,
            Response.completed_at.label("answered"),
            Response.nps,
            Case.number,
            CaseClosure.at.label("closed"),
        )
        .select_from(Interaction)
        .outerjoin(Response, Response.interaction_id == Interaction.id)
        .outerjoin(Case, Case.response_id == Response.id)
        .outerjoin(CaseClosure, CaseClosure.case_id == Case.id)
        .where(Interaction.external_id >= prefix, Interaction.external_id < prefix + "\U0010ffff")
        .order_by(Interaction.external_id)
    )
    return list(db.session.execute(query))


def _prefix(user_id: UUID) -> str:
    return f"walk-{user_id.hex}-"
