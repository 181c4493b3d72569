"""What can be done with partners: put or add one, and agree, change and end what it is measured by."""

from __future__ import annotations

from app.partners.service.partners import add_partner, put_partner
from app.partners.service.targets import end_target, replace_targets, set_target

__all__ = ["add_partner", "end_target", "put_partner", "replace_targets", "set_target"]
