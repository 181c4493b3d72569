"""What people can do about their own way in; each verb is called in a directory scope."""

from app.tenants.accounts.service.changing import (
    ask_new_email,
    ask_reset,
    change_password,
    confirm_new_email,
    reset_password,
    set_name,
)
from app.tenants.accounts.service.second_step import (
    add_passkey,
    forget_second_step,
    remove_app,
    remove_passkey,
    renew_recovery_codes,
    set_up_app,
)
from app.tenants.accounts.service.sessions import (
    Vouched,
    begin_session,
    end_session,
    end_sessions,
    vouch,
    withdraw_vouching,
)
from app.tenants.accounts.service.signing_in import (
    Begun,
    HalfWay,
    find_half_way,
    prove_again,
    prove_again_with_passkey,
    sign_in_as_new,
    sign_in_vouched,
    sign_in_with_code,
    sign_in_with_passkey,
    sign_in_with_password,
)
from app.tenants.accounts.service.tries import forget_sign_ins, note_refusal

__all__ = [
    "Begun",
    "HalfWay",
    "Vouched",
    "add_passkey",
    "ask_new_email",
    "ask_reset",
    "begin_session",
    "change_password",
    "confirm_new_email",
    "end_session",
    "end_sessions",
    "find_half_way",
    "forget_second_step",
    "forget_sign_ins",
    "note_refusal",
    "prove_again",
    "prove_again_with_passkey",
    "remove_app",
    "remove_passkey",
    "renew_recovery_codes",
    "reset_password",
    "set_name",
    "set_up_app",
    "sign_in_as_new",
    "sign_in_vouched",
    "sign_in_with_code",
    "sign_in_with_passkey",
    "sign_in_with_password",
    "vouch",
    "withdraw_vouching",
]
